-- How long a station gives itself for its tips, until when each may be reopened, who leads a route, and the English words of alerts.
-- Times (*_at, reopens_till) are Unix milliseconds, UTC; 0 means none. An empty id means none. Hours are of the station's clock.
-- Each change is made only where it is missing, as MySQL commits each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_settings (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  acknowledge_by_day_minutes INT NOT NULL,
  acknowledge_by_night_minutes INT NOT NULL,
  acknowledge_crime_minutes INT NOT NULL,
  decide_hours INT NOT NULL,
  finish_hours INT NOT NULL,
  climb_unseen_minutes INT NOT NULL,
  climb_undecided_hours INT NOT NULL,
  reopen_days INT NOT NULL,
  day_begins_hour INT NOT NULL,
  day_ends_hour INT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'tip_clocks' AND column_name = 'reopens_till') = 0,
  'ALTER TABLE tip_clocks ADD COLUMN reopens_till BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'routes' AND column_name = 'officer_id') = 0,
  'ALTER TABLE routes ADD COLUMN officer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'alerts' AND column_name = 'title_en_sealed') = 0,
  'ALTER TABLE alerts ADD COLUMN title_en_sealed BLOB, ADD COLUMN body_en_sealed BLOB',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE alerts DROP COLUMN body_en_sealed, DROP COLUMN title_en_sealed;
ALTER TABLE routes DROP COLUMN officer_id;
ALTER TABLE tip_clocks DROP COLUMN reopens_till;
DROP TABLE IF EXISTS tip_settings;
