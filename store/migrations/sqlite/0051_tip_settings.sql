-- How long a station gives itself for its tips, until when each may be reopened, who leads a route, and the English words of alerts.
-- Times (*_at, reopens_till) are Unix milliseconds, UTC; 0 means none. An empty id means none. Hours are of the station's clock.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_settings (
  station_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  acknowledge_by_day_minutes INTEGER NOT NULL,
  acknowledge_by_night_minutes INTEGER NOT NULL,
  acknowledge_crime_minutes INTEGER NOT NULL,
  decide_hours INTEGER NOT NULL,
  finish_hours INTEGER NOT NULL,
  climb_unseen_minutes INTEGER NOT NULL,
  climb_undecided_hours INTEGER NOT NULL,
  reopen_days INTEGER NOT NULL,
  day_begins_hour INTEGER NOT NULL,
  day_ends_hour INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (station_id)
) STRICT;
ALTER TABLE tip_clocks ADD COLUMN reopens_till INTEGER NOT NULL DEFAULT 0;
ALTER TABLE routes ADD COLUMN officer_id TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN title_en_sealed BLOB;
ALTER TABLE alerts ADD COLUMN body_en_sealed BLOB;

-- +goose Down
ALTER TABLE alerts DROP COLUMN body_en_sealed;
ALTER TABLE alerts DROP COLUMN title_en_sealed;
ALTER TABLE routes DROP COLUMN officer_id;
ALTER TABLE tip_clocks DROP COLUMN reopens_till;
DROP TABLE IF EXISTS tip_settings;
