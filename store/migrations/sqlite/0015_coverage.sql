-- The cover of places, counted from check-ins and positions. Days are of UTC, counted from 1970; minutes are of the day.
-- +goose Up
-- What was written and is not counted yet: one row for each person and day of a batch, in its transaction.
CREATE TABLE IF NOT EXISTS coverage_changes (
  station_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  first_minute INTEGER NOT NULL,
  last_minute INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (station_id, id)
) STRICT, WITHOUT ROWID;
-- The version moves with every change of a station's sheets; the origin of its grid never does.
CREATE TABLE IF NOT EXISTS coverage_states (
  station_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  PRIMARY KEY (station_id)
) STRICT;
-- What of one person is in the sheets, as long as it can still change.
CREATE TABLE IF NOT EXISTS coverage_presences (
  day INTEGER NOT NULL,
  station_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  presence BLOB NOT NULL,
  PRIMARY KEY (day, station_id, person_id)
) STRICT;
-- The counts of all places of a kind, on one day.
CREATE TABLE IF NOT EXISTS coverage_sheets (
  station_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  mode TEXT NOT NULL,
  day INTEGER NOT NULL,
  sheet BLOB NOT NULL,
  PRIMARY KEY (station_id, kind, mode, day)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_coverage_sheets_day ON coverage_sheets (day);
INSERT INTO leases (name, holder, ended_at) VALUES ('coverage', '', 0) ON CONFLICT DO NOTHING;

-- +goose Down
DELETE FROM leases WHERE name = 'coverage';
DROP TABLE IF EXISTS coverage_sheets;
DROP TABLE IF EXISTS coverage_presences;
DROP TABLE IF EXISTS coverage_states;
DROP TABLE IF EXISTS coverage_changes;
