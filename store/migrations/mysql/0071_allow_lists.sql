-- Lists by which controllers decide without a network: which one each is to hold and holds. Times (*_at, *_until) are Unix
-- milliseconds, UTC; 0 means none. digest: of what stands in the latest list.
-- +goose Up
CREATE TABLE IF NOT EXISTS device_lists (
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  serial BIGINT NOT NULL,
  digest VARBINARY(32) NOT NULL,
  made_at BIGINT NOT NULL,
  held_serial BIGINT NOT NULL,
  held_at BIGINT NOT NULL,
  PRIMARY KEY (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- list_mac_sealed: the keyed hash of the code that lists are made of. signed_until: when the last signed QR code ends that was made.
-- conflict_at: when a use was first noticed that was one too many.
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'list_mac_sealed') = 0,
  'ALTER TABLE visitor_passes ADD COLUMN list_mac_sealed VARBINARY(256)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'signed_until') = 0,
  'ALTER TABLE visitor_passes ADD COLUMN signed_until BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'conflict_at') = 0,
  'ALTER TABLE visitor_passes ADD COLUMN conflict_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND index_name = 'ix_visitor_passes_compound_id_signed_until') = 0,
  'CREATE INDEX ix_visitor_passes_compound_id_signed_until ON visitor_passes (compound_id, signed_until)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
-- list_serial: of the first list that was made from this row as it is; 0 where there is none.
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_pass_doors' AND column_name = 'list_serial') = 0,
  'ALTER TABLE visitor_pass_doors ADD COLUMN list_serial BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'access_events' AND column_name = 'conflict') = 0,
  'ALTER TABLE access_events ADD COLUMN conflict TINYINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE access_events DROP COLUMN conflict;
ALTER TABLE visitor_pass_doors DROP COLUMN list_serial;
ALTER TABLE visitor_passes DROP INDEX ix_visitor_passes_compound_id_signed_until;
ALTER TABLE visitor_passes DROP COLUMN conflict_at;
ALTER TABLE visitor_passes DROP COLUMN signed_until;
ALTER TABLE visitor_passes DROP COLUMN list_mac_sealed;
DROP TABLE IF EXISTS device_lists;
