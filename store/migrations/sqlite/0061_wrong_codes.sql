-- Codes at doors: the extension of a visitor's code, how long a door has many, and what was typed there in vain.
-- Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none. NULL in extension_mac: a pass, or a try, without one.
-- +goose Up
ALTER TABLE visitor_passes ADD COLUMN extension_mac BLOB;
CREATE INDEX IF NOT EXISTS ix_visitor_passes_compound_id_ends_at ON visitor_passes (compound_id, ends_at);
ALTER TABLE doors ADD COLUMN crowded_until INTEGER NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS wrong_codes (
  id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  code_mac BLOB NOT NULL,
  extension_mac BLOB,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_wrong_codes_door_id_at ON wrong_codes (door_id, at);
CREATE INDEX IF NOT EXISTS ix_wrong_codes_code_mac ON wrong_codes (code_mac);

-- +goose Down
DROP TABLE IF EXISTS wrong_codes;
ALTER TABLE doors DROP COLUMN crowded_until;
DROP INDEX IF EXISTS ix_visitor_passes_compound_id_ends_at;
ALTER TABLE visitor_passes DROP COLUMN extension_mac;
