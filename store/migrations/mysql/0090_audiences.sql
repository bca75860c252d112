-- An alert can be narrowed to who is on duty, to a squad, and to who was seen near a point. An alert for many is queued for their
-- phones page by page: a row for each time of asking whose phones are not all queued yet.
-- Each change is made only where it is missing, as MySQL commits each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'alerts' AND column_name = 'near_m') = 0,
  'ALTER TABLE alerts ADD COLUMN on_duty TINYINT NOT NULL DEFAULT 0, ADD COLUMN squad_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '''', ADD COLUMN near_lat DOUBLE, ADD COLUMN near_lng DOUBLE, ADD COLUMN near_m DOUBLE NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
CREATE TABLE IF NOT EXISTS tellings (
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round BIGINT NOT NULL,
  urgency INT NOT NULL,
  channels VARCHAR(255) NOT NULL,
  after_person CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  begun_at BIGINT NOT NULL,
  PRIMARY KEY (alert_id, round),
  KEY ix_tellings_urgency_begun_at (urgency, begun_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'inbox_items' AND index_name = 'ix_inbox_items_alert_id_person_id') = 0,
  'ALTER TABLE inbox_items ADD KEY ix_inbox_items_alert_id_person_id (alert_id, person_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'inbox_items' AND index_name = 'ix_inbox_items_alert_id') > 0,
  'ALTER TABLE inbox_items DROP KEY ix_inbox_items_alert_id',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE inbox_items ADD KEY ix_inbox_items_alert_id (alert_id), DROP KEY ix_inbox_items_alert_id_person_id;
DROP TABLE IF EXISTS tellings;
ALTER TABLE alerts DROP COLUMN near_m, DROP COLUMN near_lng, DROP COLUMN near_lat, DROP COLUMN squad_id, DROP COLUMN on_duty;
