-- Thanks that end: a commendation that was revoked, a reward whose reporter was warned before it lapses, and the points of lines
-- that were forgotten. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
ALTER TABLE commendations ADD COLUMN revoker_id TEXT NOT NULL DEFAULT '';
ALTER TABLE commendations ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commendations ADD COLUMN revocation_reason_sealed BLOB;
ALTER TABLE rewards ADD COLUMN warned_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_rewards_state_ended_at ON rewards (state, ended_at);
CREATE INDEX IF NOT EXISTS ix_rewards_state_paid_at ON rewards (state, paid_at);
CREATE TABLE IF NOT EXISTS point_balances (
  person_id TEXT NOT NULL,
  points INTEGER NOT NULL,
  PRIMARY KEY (person_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS point_balances;
DROP INDEX IF EXISTS ix_rewards_state_paid_at;
DROP INDEX IF EXISTS ix_rewards_state_ended_at;
ALTER TABLE rewards DROP COLUMN warned_at;
ALTER TABLE commendations DROP COLUMN revocation_reason_sealed;
ALTER TABLE commendations DROP COLUMN revoked_at;
ALTER TABLE commendations DROP COLUMN revoker_id;
