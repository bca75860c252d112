-- Devices of other makers: how each is reached, which relay each of its doors is, and how far its events have been taken.
-- A device without a row in device_drivers speaks our own protocol. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS device_drivers (
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  serial_number BIGINT NOT NULL,
  address_sealed VARBINARY(1024),
  user_sealed VARBINARY(512),
  secret_sealed VARBINARY(512),
  certificate_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS door_channels (
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT NOT NULL,
  contact TINYINT NOT NULL,
  PRIMARY KEY (door_id),
  UNIQUE KEY uq_door_channels_device_id_number (device_id, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS device_cursors (
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_index BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  lost_at BIGINT NOT NULL,
  PRIMARY KEY (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'door_commands' AND column_name = 'reason') = 0,
  'ALTER TABLE door_commands ADD COLUMN reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE door_commands DROP COLUMN reason;
DROP TABLE IF EXISTS device_cursors;
DROP TABLE IF EXISTS door_channels;
DROP TABLE IF EXISTS device_drivers;
