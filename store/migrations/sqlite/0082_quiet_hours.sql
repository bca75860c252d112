-- When people's phones are left alone, and what waits for the end of it. Times (*_at) are Unix milliseconds, UTC; quiet_from and
-- quiet_until are minutes of the day by the station's clock.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_settings (
  person_id TEXT NOT NULL,
  quiet_from INTEGER NOT NULL,
  quiet_until INTEGER NOT NULL,
  quiet_off INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (person_id)
) STRICT;
-- A push that waits: its row among the deliveries is queued. digest_id is the digest it went into; '' while it is in none.
CREATE TABLE IF NOT EXISTS held_pushes (
  delivery_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  installation_id TEXT NOT NULL,
  until_at INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  digest_id TEXT NOT NULL,
  PRIMARY KEY (delivery_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_held_pushes_digest_id_until_at ON held_pushes (digest_id, until_at);
CREATE INDEX IF NOT EXISTS ix_held_pushes_person_id ON held_pushes (person_id);
CREATE INDEX IF NOT EXISTS ix_push_addresses_updated_at ON push_addresses (updated_at);

-- +goose Down
DROP INDEX IF EXISTS ix_push_addresses_updated_at;
DROP TABLE IF EXISTS held_pushes;
DROP TABLE IF EXISTS alert_settings;
