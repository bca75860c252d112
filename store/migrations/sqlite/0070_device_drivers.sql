-- Devices of other makers: how each is reached, which relay each of its doors is, and how far its events have been taken.
-- A device without a row in device_drivers speaks our own protocol. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS device_drivers (
  device_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  serial_number INTEGER NOT NULL,
  address_sealed BLOB,
  user_sealed BLOB,
  secret_sealed BLOB,
  certificate_sha256 TEXT NOT NULL,
  PRIMARY KEY (device_id)
) STRICT;
CREATE TABLE IF NOT EXISTS door_channels (
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  PRIMARY KEY (door_id),
  CONSTRAINT uq_door_channels_device_id_number UNIQUE (device_id, number)
) STRICT;
CREATE TABLE IF NOT EXISTS device_cursors (
  device_id TEXT NOT NULL,
  event_index INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  lost_at INTEGER NOT NULL,
  PRIMARY KEY (device_id)
) STRICT;
ALTER TABLE door_commands ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE door_commands DROP COLUMN reason;
DROP TABLE IF EXISTS device_cursors;
DROP TABLE IF EXISTS door_channels;
DROP TABLE IF EXISTS device_drivers;
