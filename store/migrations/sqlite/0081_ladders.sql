-- How alerts are told again until somebody answers: a station's ladders, where each alert stands on its own, and what was cancelled.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. Rungs are JSON, and hold nothing of a person.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_ladders (
  station_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  rungs TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (station_id)
) STRICT;
CREATE TABLE IF NOT EXISTS climbs (
  alert_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  rungs TEXT NOT NULL,
  step INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  ended TEXT NOT NULL,
  PRIMARY KEY (alert_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_climbs_ended_due_at ON climbs (ended, due_at);
CREATE INDEX IF NOT EXISTS ix_climbs_changed_at ON climbs (changed_at);
ALTER TABLE alerts ADD COLUMN cancelled_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE alerts DROP COLUMN cancelled_at;
DROP TABLE IF EXISTS climbs;
DROP TABLE IF EXISTS alert_ladders;
