-- Whose a tip is, and until when the station wants to have taken the next step. Times (*_at) are Unix milliseconds, UTC; 0 means
-- none. Who stands in for an officer.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_clocks (
  tip_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  assigned_to TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  action_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  climbs_at INTEGER NOT NULL,
  climb INTEGER NOT NULL,
  PRIMARY KEY (tip_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tip_clocks_climbs_at ON tip_clocks (climbs_at);
CREATE INDEX IF NOT EXISTS ix_tip_clocks_assigned_to_due_at ON tip_clocks (assigned_to, due_at);
CREATE TABLE IF NOT EXISTS deputies (
  person_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  deputy_id TEXT NOT NULL,
  PRIMARY KEY (person_id)
) STRICT;
-- People near a crime in progress who were asked to help, and what they answered.
CREATE TABLE IF NOT EXISTS tip_helpers (
  tip_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  answered_at INTEGER NOT NULL,
  PRIMARY KEY (tip_id, person_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS tip_helpers;
DROP TABLE IF EXISTS deputies;
DROP TABLE IF EXISTS tip_clocks;
