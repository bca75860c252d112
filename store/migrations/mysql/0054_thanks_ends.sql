-- Thanks that end: a commendation that was revoked, a reward whose reporter was warned before it lapses, and the points of lines
-- that were forgotten. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- MySQL has no "ADD COLUMN IF NOT EXISTS".
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'commendations' AND column_name = 'revoker_id') = 0,
  'ALTER TABLE commendations ADD COLUMN revoker_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'commendations' AND column_name = 'revoked_at') = 0,
  'ALTER TABLE commendations ADD COLUMN revoked_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'commendations' AND column_name = 'revocation_reason_sealed') = 0,
  'ALTER TABLE commendations ADD COLUMN revocation_reason_sealed BLOB',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'rewards' AND column_name = 'warned_at') = 0,
  'ALTER TABLE rewards ADD COLUMN warned_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'rewards' AND index_name = 'ix_rewards_state_ended_at') = 0,
  'CREATE INDEX ix_rewards_state_ended_at ON rewards (state, ended_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'rewards' AND index_name = 'ix_rewards_state_paid_at') = 0,
  'CREATE INDEX ix_rewards_state_paid_at ON rewards (state, paid_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
CREATE TABLE IF NOT EXISTS point_balances (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  points BIGINT NOT NULL,
  PRIMARY KEY (person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS point_balances;
DROP INDEX ix_rewards_state_paid_at ON rewards;
DROP INDEX ix_rewards_state_ended_at ON rewards;
ALTER TABLE rewards DROP COLUMN warned_at;
ALTER TABLE commendations DROP COLUMN revocation_reason_sealed;
ALTER TABLE commendations DROP COLUMN revoked_at;
ALTER TABLE commendations DROP COLUMN revoker_id;
