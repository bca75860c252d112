-- Positions that lie in no round that is known so far: kept sealed until the record of a round or of a joining comes that
-- claims them, or their time is up. Times (*_at) are Unix milliseconds, UTC. Keys are those of track_points, and a key is
-- in one of the two tables.
-- +goose Up
CREATE TABLE IF NOT EXISTS track_waiting (
  person_id TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  rank_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  point_sealed BLOB NOT NULL,
  PRIMARY KEY (person_id, boot_id, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_track_waiting_person_id_at ON track_waiting (person_id, at);
CREATE INDEX IF NOT EXISTS ix_track_waiting_at ON track_waiting (at);
-- For whom a round has no place, of those who joined it.
ALTER TABLE round_members ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE round_members DROP COLUMN left_out;
DROP TABLE IF EXISTS track_waiting;
