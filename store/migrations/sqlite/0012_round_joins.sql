-- What people say of a round: skipped stops, guests named by the leader; and the check-ins that name a round.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS round_skips (
  round_id TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  reason_sealed BLOB,
  at INTEGER NOT NULL,
  PRIMARY KEY (round_id, checkpoint_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS round_guests (
  id TEXT NOT NULL,
  round_id TEXT NOT NULL,
  name_sealed BLOB,
  phone_sealed BLOB,
  added_at INTEGER NOT NULL,
  erase_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_round_guests_round_id ON round_guests (round_id);
CREATE INDEX IF NOT EXISTS ix_round_guests_erase_at ON round_guests (erase_at);
CREATE INDEX IF NOT EXISTS ix_check_ins_round_id ON check_ins (round_id) WHERE round_id <> '';

-- +goose Down
DROP INDEX IF EXISTS ix_check_ins_round_id;
DROP TABLE IF EXISTS round_guests;
DROP TABLE IF EXISTS round_skips;
