-- The ledger of alerts: a delivery is one attempt, by one channel, and each state that it came to has its own time.
-- Times (*_at) are Unix milliseconds, UTC; 0 means that there is no proof of it.
-- +goose Up
ALTER TABLE deliveries ADD COLUMN channel TEXT NOT NULL DEFAULT 'fcm';
ALTER TABLE deliveries ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN provider_id TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN acknowledged_at INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET channel = 'wechat' WHERE kind = 'wechat_mini_program';
UPDATE deliveries SET channel = 'hms' WHERE kind = 'hms_token';
UPDATE deliveries SET state = 'provider_accepted', sent_at = updated_at, accepted_at = updated_at WHERE state = 'sent';
UPDATE deliveries SET state = 'failed' WHERE state = 'gone';
UPDATE deliveries SET state = 'expired' WHERE state = 'failed' AND reason = 'expired';
DROP INDEX IF EXISTS uq_deliveries_alert_id_person_id_installation_id;
CREATE UNIQUE INDEX IF NOT EXISTS uq_deliveries_attempt ON deliveries (alert_id, person_id, installation_id, channel, round, attempt);
CREATE INDEX IF NOT EXISTS ix_alerts_sender_id_id ON alerts (sender_id, id);

-- +goose Down
DROP INDEX IF EXISTS ix_alerts_sender_id_id;
DROP INDEX IF EXISTS uq_deliveries_attempt;
DELETE FROM deliveries WHERE channel NOT IN ('fcm', 'wechat', 'hms') OR EXISTS (SELECT 1 FROM deliveries AS older
  WHERE older.alert_id = deliveries.alert_id AND older.person_id = deliveries.person_id
  AND older.installation_id = deliveries.installation_id AND older.id < deliveries.id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_deliveries_alert_id_person_id_installation_id ON deliveries (alert_id, person_id, installation_id);
UPDATE deliveries SET state = 'sent' WHERE state IN ('provider_accepted', 'device_received', 'seen', 'acknowledged');
UPDATE deliveries SET state = 'failed' WHERE state = 'expired';
ALTER TABLE deliveries DROP COLUMN acknowledged_at;
ALTER TABLE deliveries DROP COLUMN seen_at;
ALTER TABLE deliveries DROP COLUMN received_at;
ALTER TABLE deliveries DROP COLUMN accepted_at;
ALTER TABLE deliveries DROP COLUMN sent_at;
ALTER TABLE deliveries DROP COLUMN provider_id;
ALTER TABLE deliveries DROP COLUMN round;
ALTER TABLE deliveries DROP COLUMN channel;
