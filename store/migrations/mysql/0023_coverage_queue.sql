-- What is written and not counted yet: one row for each station and day of a commit, which many callers share.
-- The old queue is made again first, so that a file that broke off after its end can be run again.
-- +goose Up
CREATE TABLE IF NOT EXISTS coverage_queue (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day INT NOT NULL,
  minutes MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (station_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
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
INSERT IGNORE INTO coverage_queue (station_id, id, day, minutes, received_at)
  SELECT station_id, id, day, CONCAT(person_id, ' ', first_minute, ' ', last_minute, ';'), received_at FROM coverage_changes;
DROP TABLE IF EXISTS coverage_changes;

-- +goose Down
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
DROP TABLE IF EXISTS coverage_queue;
