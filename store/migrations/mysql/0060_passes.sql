-- Kinds of visitor passes, guests' pages, and what each door knows of a pass. Times (*_at) are Unix milliseconds, UTC; 0 means
-- none. An empty id means none. schedule_days: bit 0 is Sunday, 0 means at any hour. guest_hash is the hash of the random part
-- of a guest page's address; code_sealed opens only with that part.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_passes' AND column_name = 'kind') = 0,
  'ALTER TABLE visitor_passes
    ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT ''one_time'',
    ADD COLUMN plate_mac VARBINARY(32),
    ADD COLUMN guest_hash VARBINARY(32),
    ADD COLUMN code_sealed VARBINARY(255),
    ADD COLUMN schedule_days INT NOT NULL DEFAULT 0,
    ADD COLUMN schedule_start INT NOT NULL DEFAULT 0,
    ADD COLUMN schedule_length INT NOT NULL DEFAULT 0,
    ADD COLUMN group_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '''',
    ADD COLUMN max_guests INT NOT NULL DEFAULT 0,
    ADD COLUMN guests INT NOT NULL DEFAULT 0,
    ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0,
    ADD UNIQUE KEY uq_visitor_passes_guest_hash (guest_hash),
    ADD KEY ix_visitor_passes_plate_mac (plate_mac),
    ADD KEY ix_visitor_passes_group_id (group_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE visitor_passes SET kind = 'n_times' WHERE max_uses > 1;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'visitor_pass_doors' AND column_name = 'state') = 0,
  'ALTER TABLE visitor_pass_doors
    ADD COLUMN state VARCHAR(16) NOT NULL DEFAULT ''issued'',
    ADD COLUMN reason VARCHAR(64) NOT NULL DEFAULT '''',
    ADD COLUMN revision INT NOT NULL DEFAULT 1,
    ADD COLUMN removed TINYINT NOT NULL DEFAULT 0,
    ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0,
    ADD KEY ix_visitor_pass_doors_state_door_id (state, door_id)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'devices' AND column_name = 'holds_codes') = 0,
  'ALTER TABLE devices ADD COLUMN holds_codes TINYINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE devices DROP COLUMN holds_codes;
ALTER TABLE visitor_pass_doors
  DROP KEY ix_visitor_pass_doors_state_door_id,
  DROP COLUMN changed_at, DROP COLUMN removed, DROP COLUMN revision, DROP COLUMN reason, DROP COLUMN state;
ALTER TABLE visitor_passes
  DROP KEY ix_visitor_passes_group_id, DROP KEY ix_visitor_passes_plate_mac, DROP KEY uq_visitor_passes_guest_hash,
  DROP COLUMN changed_at, DROP COLUMN guests, DROP COLUMN max_guests, DROP COLUMN group_id, DROP COLUMN schedule_length,
  DROP COLUMN schedule_start, DROP COLUMN schedule_days, DROP COLUMN code_sealed, DROP COLUMN guest_hash, DROP COLUMN plate_mac,
  DROP COLUMN kind;
