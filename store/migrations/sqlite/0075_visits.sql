-- A use of a visitor's pass is a visit: which doors were opened in those that may still go on. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS visitor_visits (
  pass_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  door_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (pass_id, number, door_id)
) STRICT;
ALTER TABLE visitor_passes ADD COLUMN visit_started_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE visitor_passes DROP COLUMN visit_started_at;
DROP TABLE IF EXISTS visitor_visits;
