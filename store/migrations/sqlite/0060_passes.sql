-- Kinds of visitor passes, guests' pages, and what each door knows of a pass. Times (*_at) are Unix milliseconds, UTC; 0 means
-- none. An empty id means none. schedule_days: bit 0 is Sunday, 0 means at any hour. guest_hash is the hash of the random part
-- of a guest page's address; code_sealed opens only with that part.
-- +goose Up
ALTER TABLE visitor_passes ADD COLUMN kind TEXT NOT NULL DEFAULT 'one_time';
ALTER TABLE visitor_passes ADD COLUMN plate_mac BLOB;
ALTER TABLE visitor_passes ADD COLUMN guest_hash BLOB;
ALTER TABLE visitor_passes ADD COLUMN code_sealed BLOB;
ALTER TABLE visitor_passes ADD COLUMN schedule_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN schedule_start INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN schedule_length INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN group_id TEXT NOT NULL DEFAULT '';
ALTER TABLE visitor_passes ADD COLUMN max_guests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN guests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX IF NOT EXISTS uq_visitor_passes_guest_hash ON visitor_passes (guest_hash);
CREATE INDEX IF NOT EXISTS ix_visitor_passes_plate_mac ON visitor_passes (plate_mac);
CREATE INDEX IF NOT EXISTS ix_visitor_passes_group_id ON visitor_passes (group_id);
UPDATE visitor_passes SET kind = 'n_times' WHERE max_uses > 1;
ALTER TABLE visitor_pass_doors ADD COLUMN state TEXT NOT NULL DEFAULT 'issued';
ALTER TABLE visitor_pass_doors ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE visitor_pass_doors ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE visitor_pass_doors ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_pass_doors ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_visitor_pass_doors_state_door_id ON visitor_pass_doors (state, door_id);
ALTER TABLE devices ADD COLUMN holds_codes INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE devices DROP COLUMN holds_codes;
DROP INDEX IF EXISTS ix_visitor_pass_doors_state_door_id;
ALTER TABLE visitor_pass_doors DROP COLUMN changed_at;
ALTER TABLE visitor_pass_doors DROP COLUMN removed;
ALTER TABLE visitor_pass_doors DROP COLUMN revision;
ALTER TABLE visitor_pass_doors DROP COLUMN reason;
ALTER TABLE visitor_pass_doors DROP COLUMN state;
DROP INDEX IF EXISTS ix_visitor_passes_group_id;
DROP INDEX IF EXISTS ix_visitor_passes_plate_mac;
DROP INDEX IF EXISTS uq_visitor_passes_guest_hash;
ALTER TABLE visitor_passes DROP COLUMN changed_at;
ALTER TABLE visitor_passes DROP COLUMN guests;
ALTER TABLE visitor_passes DROP COLUMN max_guests;
ALTER TABLE visitor_passes DROP COLUMN group_id;
ALTER TABLE visitor_passes DROP COLUMN schedule_length;
ALTER TABLE visitor_passes DROP COLUMN schedule_start;
ALTER TABLE visitor_passes DROP COLUMN schedule_days;
ALTER TABLE visitor_passes DROP COLUMN code_sealed;
ALTER TABLE visitor_passes DROP COLUMN guest_hash;
ALTER TABLE visitor_passes DROP COLUMN plate_mac;
ALTER TABLE visitor_passes DROP COLUMN kind;
