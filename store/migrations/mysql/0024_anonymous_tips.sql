-- Tips without a name. content_sealed is encrypted to the station's key and opens nowhere here; receipt_hash is argon2id.
-- Times (*_at) are Unix milliseconds, UTC; those of anonymous tips are whole minutes.
-- +goose Up
CREATE TABLE IF NOT EXISTS station_keys (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  public_key VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS anonymous_tips (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receipt_hash VARBINARY(32) NOT NULL,
  content_sealed MEDIUMBLOB NOT NULL,
  PRIMARY KEY (tip_id),
  UNIQUE KEY uq_anonymous_tips_receipt_hash (receipt_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'tips' AND column_name = 'reporting') = 0,
  'ALTER TABLE tips ADD COLUMN reporting VARCHAR(16) NOT NULL DEFAULT ''named''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE tips DROP COLUMN reporting;
DROP TABLE IF EXISTS anonymous_tips;
DROP TABLE IF EXISTS station_keys;
