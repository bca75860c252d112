-- What people say of a round: skipped stops, guests named by the leader; and the check-ins that name a round.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS round_skips (
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_sealed BLOB,
  at BIGINT NOT NULL,
  PRIMARY KEY (round_id, checkpoint_id, person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS round_guests (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_sealed BLOB,
  phone_sealed BLOB,
  added_at BIGINT NOT NULL,
  erase_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_round_guests_round_id (round_id),
  KEY ix_round_guests_erase_at (erase_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- MySQL has no "ADD KEY IF NOT EXISTS".
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = 'check_ins' AND index_name = 'ix_check_ins_round_id');
SET @statement = IF(@missing, 'ALTER TABLE check_ins ADD KEY ix_check_ins_round_id (round_id)', 'DO 0');
PREPARE add_key FROM @statement;
EXECUTE add_key;
DEALLOCATE PREPARE add_key;

-- +goose Down
ALTER TABLE check_ins DROP KEY ix_check_ins_round_id;
DROP TABLE IF EXISTS round_guests;
DROP TABLE IF EXISTS round_skips;
