-- An alert can be narrowed to who is on duty, to a squad, and to who was seen near a point. An alert for many is queued for their
-- phones page by page: a row for each time of asking whose phones are not all queued yet.
-- +goose Up
ALTER TABLE alerts ADD COLUMN on_duty INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN squad_id TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN near_lat REAL;
ALTER TABLE alerts ADD COLUMN near_lng REAL;
ALTER TABLE alerts ADD COLUMN near_m REAL NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS tellings (
  alert_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  urgency INTEGER NOT NULL,
  channels TEXT NOT NULL,
  after_person TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  PRIMARY KEY (alert_id, round)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tellings_urgency_begun_at ON tellings (urgency, begun_at);
CREATE INDEX IF NOT EXISTS ix_inbox_items_alert_id_person_id ON inbox_items (alert_id, person_id);
DROP INDEX IF EXISTS ix_inbox_items_alert_id;

-- +goose Down
CREATE INDEX IF NOT EXISTS ix_inbox_items_alert_id ON inbox_items (alert_id);
DROP INDEX IF EXISTS ix_inbox_items_alert_id_person_id;
DROP TABLE IF EXISTS tellings;
ALTER TABLE alerts DROP COLUMN near_m;
ALTER TABLE alerts DROP COLUMN near_lng;
ALTER TABLE alerts DROP COLUMN near_lat;
ALTER TABLE alerts DROP COLUMN squad_id;
ALTER TABLE alerts DROP COLUMN on_duty;
