-- Lists by which controllers decide without a network: which one each is to hold and holds. Times (*_at, *_until) are Unix
-- milliseconds, UTC; 0 means none. digest: of what stands in the latest list.
-- +goose Up
CREATE TABLE IF NOT EXISTS device_lists (
  device_id TEXT NOT NULL,
  serial INTEGER NOT NULL,
  digest BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  held_serial INTEGER NOT NULL,
  held_at INTEGER NOT NULL,
  PRIMARY KEY (device_id)
) STRICT;
-- list_mac_sealed: the keyed hash of the code that lists are made of. signed_until: when the last signed QR code ends that was made.
-- conflict_at: when a use was first noticed that was one too many.
ALTER TABLE visitor_passes ADD COLUMN list_mac_sealed BLOB;
ALTER TABLE visitor_passes ADD COLUMN signed_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visitor_passes ADD COLUMN conflict_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_visitor_passes_compound_id_signed_until ON visitor_passes (compound_id, signed_until);
-- list_serial: of the first list that was made from this row as it is; 0 where there is none.
ALTER TABLE visitor_pass_doors ADD COLUMN list_serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE access_events ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE access_events DROP COLUMN conflict;
ALTER TABLE visitor_pass_doors DROP COLUMN list_serial;
DROP INDEX IF EXISTS ix_visitor_passes_compound_id_signed_until;
ALTER TABLE visitor_passes DROP COLUMN conflict_at;
ALTER TABLE visitor_passes DROP COLUMN signed_until;
ALTER TABLE visitor_passes DROP COLUMN list_mac_sealed;
DROP TABLE IF EXISTS device_lists;
