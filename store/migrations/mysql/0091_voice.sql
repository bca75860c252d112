-- Calls to people's numbers: how many a person was rung on a day, and which callbacks of the caller system were taken. Times (*_at) are Unix milliseconds, UTC.
-- +goose Up
CREATE TABLE IF NOT EXISTS voice_counts (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day BIGINT NOT NULL,
  messages INT NOT NULL,
  PRIMARY KEY (person_id, day),
  KEY ix_voice_counts_day (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- By the sender's own id; a callback that comes again changes nothing.
CREATE TABLE IF NOT EXISTS voice_callbacks (
  id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  taken_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_voice_callbacks_taken_at (taken_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS voice_callbacks;
DROP TABLE IF EXISTS voice_counts;
