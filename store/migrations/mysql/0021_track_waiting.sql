-- Positions that lie in no round that is known so far: kept sealed until the record of a round or of a joining comes that
-- claims them, or their time is up. Times (*_at) are Unix milliseconds, UTC. Keys are those of track_points, and a key is
-- in one of the two tables.
-- +goose Up
CREATE TABLE IF NOT EXISTS track_waiting (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  boot_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  slot BIGINT NOT NULL,
  rank_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  point_sealed BLOB NOT NULL,
  PRIMARY KEY (person_id, boot_id, slot),
  KEY ix_track_waiting_person_id_at (person_id, at),
  KEY ix_track_waiting_at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- For whom a round has no place, of those who joined it. MySQL has no ADD COLUMN IF NOT EXISTS.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'round_members' AND column_name = 'left_out');
SET @statement = IF(@missing, 'ALTER TABLE round_members ADD COLUMN left_out INT NOT NULL DEFAULT 0', 'DO 0');
PREPARE adding FROM @statement;
EXECUTE adding;
DEALLOCATE PREPARE adding;

-- +goose Down
ALTER TABLE round_members DROP COLUMN left_out;
DROP TABLE IF EXISTS track_waiting;
