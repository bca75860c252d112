-- How devices come by their secrets, change them, and are. Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
-- code_mac is keyed: a code of sixteen digits must not be found from here. nonce_mac is of the device that used it.
CREATE TABLE IF NOT EXISTS device_claims (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code_mac VARBINARY(32) NOT NULL,
  nonce_mac VARBINARY(32),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_device_claims_code_mac (code_mac),
  KEY ix_device_claims_device_id (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- What a device last said of itself; NULL where it has no such sensor.
CREATE TABLE IF NOT EXISTS device_health (
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  received_at BIGINT NOT NULL,
  uptime_s BIGINT,
  battery_percent INT,
  supply_mv INT,
  disk_free_percent INT,
  temperature_c INT,
  PRIMARY KEY (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'devices' AND column_name = 'old_secret_hash') = 0,
  'ALTER TABLE devices ADD COLUMN old_secret_hash VARBINARY(32), ADD COLUMN old_secret_until BIGINT NOT NULL DEFAULT 0, ADD COLUMN firmware VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '''', ADD COLUMN model VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '''', ADD COLUMN connected_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN clock_drift_ms BIGINT',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE devices DROP COLUMN clock_drift_ms, DROP COLUMN connected_at, DROP COLUMN model, DROP COLUMN firmware, DROP COLUMN old_secret_until, DROP COLUMN old_secret_hash;
DROP TABLE IF EXISTS device_health;
DROP TABLE IF EXISTS device_claims;
