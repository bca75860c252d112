-- What is written and not counted yet: one row for each station and day of a commit, which many callers share.
-- +goose Up
CREATE TABLE IF NOT EXISTS coverage_queue (
  station_id TEXT NOT NULL,
  id TEXT NOT NULL,
  day INTEGER NOT NULL,
  minutes TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (station_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO coverage_queue (station_id, id, day, minutes, received_at)
  SELECT station_id, id, day, person_id || ' ' || first_minute || ' ' || last_minute || ';', received_at FROM coverage_changes;
DROP TABLE IF EXISTS coverage_changes;

-- +goose Down
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
DROP TABLE IF EXISTS coverage_queue;
