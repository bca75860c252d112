-- The cover of places, counted from check-ins and positions. Days are of UTC, counted from 1970; minutes are of the day.
-- +goose Up
-- What was written and is not counted yet: one row for each person and day of a batch, in its transaction.
CREATE TABLE IF NOT EXISTS coverage_changes (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day INT NOT NULL,
  first_minute SMALLINT NOT NULL,
  last_minute SMALLINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (station_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- The version moves with every change of a station's sheets; the origin of its grid never does.
CREATE TABLE IF NOT EXISTS coverage_states (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  PRIMARY KEY (station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- What of one person is in the sheets, as long as it can still change.
CREATE TABLE IF NOT EXISTS coverage_presences (
  day INT NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  presence MEDIUMBLOB NOT NULL,
  PRIMARY KEY (day, station_id, person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- The counts of all places of a kind, on one day.
CREATE TABLE IF NOT EXISTS coverage_sheets (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  mode VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day INT NOT NULL,
  sheet MEDIUMBLOB NOT NULL,
  PRIMARY KEY (station_id, kind, mode, day),
  KEY ix_coverage_sheets_day (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO leases (name, holder, ended_at) VALUES ('coverage', '', 0);

-- +goose Down
DELETE FROM leases WHERE name = 'coverage';
DROP TABLE IF EXISTS coverage_sheets;
DROP TABLE IF EXISTS coverage_presences;
DROP TABLE IF EXISTS coverage_states;
DROP TABLE IF EXISTS coverage_changes;
