-- Codes at doors: the extension of a visitor's code, how long a door has many, and what was typed there in vain.
-- Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none. NULL in extension_mac: a pass, or a try, without one.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'extension_mac') = 0,
  'ALTER TABLE visitor_passes ADD COLUMN extension_mac VARBINARY(32), ADD KEY ix_visitor_passes_compound_id_ends_at (compound_id, ends_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'doors' AND column_name = 'crowded_until') = 0,
  'ALTER TABLE doors ADD COLUMN crowded_until BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
CREATE TABLE IF NOT EXISTS wrong_codes (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  code_mac VARBINARY(32) NOT NULL,
  extension_mac VARBINARY(32),
  PRIMARY KEY (id),
  KEY ix_wrong_codes_door_id_at (door_id, at),
  KEY ix_wrong_codes_code_mac (code_mac)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS wrong_codes;
ALTER TABLE doors DROP COLUMN crowded_until;
ALTER TABLE visitor_passes DROP KEY ix_visitor_passes_compound_id_ends_at, DROP COLUMN extension_mac;
