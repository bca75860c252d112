-- How alerts are told again until somebody answers: a station's ladders, where each alert stands on its own, and what was cancelled.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. Rungs are JSON, and hold nothing of a person.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_ladders (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  rungs TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS climbs (
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  rungs TEXT NOT NULL,
  step INT NOT NULL,
  due_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  ended VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (alert_id),
  KEY ix_climbs_ended_due_at (ended, due_at),
  KEY ix_climbs_changed_at (changed_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'alerts' AND column_name = 'cancelled_at') = 0,
  'ALTER TABLE alerts ADD COLUMN cancelled_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE alerts DROP COLUMN cancelled_at;
DROP TABLE IF EXISTS climbs;
DROP TABLE IF EXISTS alert_ladders;
