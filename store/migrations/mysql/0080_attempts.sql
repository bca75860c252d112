-- The ledger of alerts: a delivery is one attempt, by one channel, and each state that it came to has its own time.
-- Times (*_at) are Unix milliseconds, UTC; 0 means that there is no proof of it.
-- Each change is made only where it is missing, as MySQL commits each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND column_name = 'channel') = 0,
  'ALTER TABLE deliveries
    ADD COLUMN channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''fcm'',
    ADD COLUMN round BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN provider_id VARCHAR(255) NOT NULL DEFAULT '''',
    ADD COLUMN sent_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN accepted_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN received_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN acknowledged_at BIGINT NOT NULL DEFAULT 0,
    MODIFY COLUMN state VARCHAR(32) NOT NULL',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE deliveries SET channel = 'wechat' WHERE kind = 'wechat_mini_program';
UPDATE deliveries SET channel = 'hms' WHERE kind = 'hms_token';
UPDATE deliveries SET state = 'provider_accepted', sent_at = updated_at, accepted_at = updated_at WHERE state = 'sent' AND sent_at = 0;
UPDATE deliveries SET state = 'failed' WHERE state = 'gone';
UPDATE deliveries SET state = 'expired' WHERE state = 'failed' AND reason = 'expired';
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'uq_deliveries_attempt') = 0,
  'ALTER TABLE deliveries
    ADD UNIQUE KEY uq_deliveries_attempt (alert_id, person_id, installation_id, channel, round, attempt)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'uq_deliveries_alert_id_person_id_installation_id') > 0,
  'ALTER TABLE deliveries DROP KEY uq_deliveries_alert_id_person_id_installation_id',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'alerts' AND index_name = 'ix_alerts_sender_id_id') = 0,
  'ALTER TABLE alerts ADD KEY ix_alerts_sender_id_id (sender_id, id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE alerts DROP KEY ix_alerts_sender_id_id;
DELETE newer FROM deliveries AS newer JOIN deliveries AS older ON older.alert_id = newer.alert_id AND older.person_id = newer.person_id
  AND older.installation_id = newer.installation_id AND older.id < newer.id;
DELETE FROM deliveries WHERE channel NOT IN ('fcm', 'wechat', 'hms');
UPDATE deliveries SET state = 'sent' WHERE state IN ('provider_accepted', 'device_received', 'seen', 'acknowledged');
UPDATE deliveries SET state = 'failed' WHERE state = 'expired';
ALTER TABLE deliveries ADD UNIQUE KEY uq_deliveries_alert_id_person_id_installation_id (alert_id, person_id, installation_id),
  DROP KEY uq_deliveries_attempt, DROP COLUMN acknowledged_at, DROP COLUMN seen_at, DROP COLUMN received_at, DROP COLUMN accepted_at,
  DROP COLUMN sent_at, DROP COLUMN provider_id, DROP COLUMN round, DROP COLUMN channel, MODIFY COLUMN state VARCHAR(16) NOT NULL;
