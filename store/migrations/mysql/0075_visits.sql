-- A use of a visitor's pass is a visit: which doors were opened in those that may still go on. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS visitor_visits (
  pass_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  started_at BIGINT NOT NULL,
  PRIMARY KEY (pass_id, number, door_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'visit_started_at') = 0,
  'ALTER TABLE visitor_passes ADD COLUMN visit_started_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE visitor_passes DROP COLUMN visit_started_at;
DROP TABLE IF EXISTS visitor_visits;
