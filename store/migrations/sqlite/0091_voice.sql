-- Calls to people's numbers: how many a person was rung on a day, and which callbacks of the caller system were taken. Times (*_at) are Unix milliseconds, UTC.
-- +goose Up
CREATE TABLE IF NOT EXISTS voice_counts (
  person_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (person_id, day)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_voice_counts_day ON voice_counts (day);
-- By the sender's own id; a callback that comes again changes nothing.
CREATE TABLE IF NOT EXISTS voice_callbacks (
  id TEXT NOT NULL,
  taken_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_voice_callbacks_taken_at ON voice_callbacks (taken_at);

-- +goose Down
DROP TABLE IF EXISTS voice_callbacks;
DROP TABLE IF EXISTS voice_counts;
