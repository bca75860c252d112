-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- One row per answered action. answer_sealed holds the first answer, encrypted: it may contain a code shown once.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  principal_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  operation VARCHAR(64) NOT NULL,
  key_hash VARBINARY(32) NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  status INT NOT NULL,
  answer_sealed BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (principal_id, operation, key_hash),
  KEY ix_idempotency_keys_created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS idempotency_keys;
