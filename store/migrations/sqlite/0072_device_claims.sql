-- How devices come by their secrets, change them, and are. Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
-- code_mac is keyed: a code of sixteen digits must not be found from here. nonce_mac is of the device that used it.
CREATE TABLE IF NOT EXISTS device_claims (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  code_mac BLOB NOT NULL,
  nonce_mac BLOB,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_device_claims_code_mac ON device_claims (code_mac);
CREATE INDEX IF NOT EXISTS ix_device_claims_device_id ON device_claims (device_id);
-- What a device last said of itself; NULL where it has no such sensor.
CREATE TABLE IF NOT EXISTS device_health (
  device_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  uptime_s INTEGER,
  battery_percent INTEGER,
  supply_mv INTEGER,
  disk_free_percent INTEGER,
  temperature_c INTEGER,
  PRIMARY KEY (device_id)
) STRICT;
ALTER TABLE devices ADD COLUMN old_secret_hash BLOB;
ALTER TABLE devices ADD COLUMN old_secret_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN firmware TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN connected_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN clock_drift_ms INTEGER;

-- +goose Down
ALTER TABLE devices DROP COLUMN clock_drift_ms;
ALTER TABLE devices DROP COLUMN connected_at;
ALTER TABLE devices DROP COLUMN model;
ALTER TABLE devices DROP COLUMN firmware;
ALTER TABLE devices DROP COLUMN old_secret_until;
ALTER TABLE devices DROP COLUMN old_secret_hash;
DROP TABLE IF EXISTS device_health;
DROP TABLE IF EXISTS device_claims;
