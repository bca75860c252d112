-- What a station asks about each kind of tip, one row a version; those that came with the program have none until they are changed.
-- questions is JSON. A tip keeps the version that its answers are to, the answers, sealed, and whether its category was public when it was
-- sent. Times (*_at) are Unix milliseconds, UTC.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_categories (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version INT NOT NULL,
  name_zh VARCHAR(64) NOT NULL,
  name_en VARCHAR(128) NOT NULL,
  ordinal INT NOT NULL,
  is_public TINYINT NOT NULL,
  withdrawn TINYINT NOT NULL,
  questions MEDIUMTEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (station_id, code, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'tips' AND column_name = 'category_version') = 0,
  'ALTER TABLE tips ADD COLUMN category_version INT NOT NULL DEFAULT 1, ADD COLUMN is_public TINYINT NOT NULL DEFAULT 0, ADD COLUMN answers_sealed MEDIUMBLOB',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE tips SET is_public = 1 WHERE category = 'hazard';

-- +goose Down
ALTER TABLE tips DROP COLUMN answers_sealed, DROP COLUMN is_public, DROP COLUMN category_version;
DROP TABLE IF EXISTS tip_categories;
