-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- One row per answered action. answer_sealed holds the first answer, encrypted: it may contain a code shown once.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  principal_id TEXT NOT NULL,
  operation TEXT NOT NULL,
  key_hash BLOB NOT NULL,
  body_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  answer_sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (principal_id, operation, key_hash)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_idempotency_keys_created_at ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE IF EXISTS idempotency_keys;
