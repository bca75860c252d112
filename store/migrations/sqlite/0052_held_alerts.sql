-- Alerts that tell of what somebody nameless did, until they may be written: due_at is the end of the minute of the act (of
-- what is urgent, of its five seconds) in Unix milliseconds, UTC. The alert itself is sealed by the vault.
-- +goose Up
CREATE TABLE IF NOT EXISTS held_alerts (
  id TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  alert_sealed BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_held_alerts_due_at_id ON held_alerts (due_at, id);

-- +goose Down
DROP TABLE IF EXISTS held_alerts;
