-- Alerts that tell of what somebody nameless did, until they may be written: due_at is the end of the minute of the act (of
-- what is urgent, of its five seconds) in Unix milliseconds, UTC. The alert itself is sealed by the vault.
-- +goose Up
CREATE TABLE IF NOT EXISTS held_alerts (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_at BIGINT NOT NULL,
  alert_sealed MEDIUMBLOB NOT NULL,
  PRIMARY KEY (id),
  KEY ix_held_alerts_due_at_id (due_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS held_alerts;
