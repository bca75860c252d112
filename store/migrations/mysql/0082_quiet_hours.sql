-- When people's phones are left alone, and what waits for the end of it. Times (*_at) are Unix milliseconds, UTC; quiet_from and
-- quiet_until are minutes of the day by the station's clock.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_settings (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quiet_from INT NOT NULL,
  quiet_until INT NOT NULL,
  quiet_off TINYINT(1) NOT NULL,
  digest TINYINT(1) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- A push that waits: its row among the deliveries is queued. digest_id is the digest it went into; '' while it is in none.
CREATE TABLE IF NOT EXISTS held_pushes (
  delivery_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  installation_id VARCHAR(128) NOT NULL,
  until_at BIGINT NOT NULL,
  digest TINYINT(1) NOT NULL,
  digest_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (delivery_id),
  KEY ix_held_pushes_digest_id_until_at (digest_id, until_at),
  KEY ix_held_pushes_person_id (person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'push_addresses' AND index_name = 'ix_push_addresses_updated_at') = 0,
  'ALTER TABLE push_addresses ADD KEY ix_push_addresses_updated_at (updated_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE push_addresses DROP KEY ix_push_addresses_updated_at;
DROP TABLE IF EXISTS held_pushes;
DROP TABLE IF EXISTS alert_settings;
