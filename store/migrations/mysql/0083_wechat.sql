-- WeChat's mini-program: whose openid it is, and how many messages they still allow. Times (*_at, *_until) are Unix milliseconds, UTC.
-- +goose Up
-- What providers of messages let us in by, for all replicas. version counts up with each token; lease_until: one of them fetches the next.
CREATE TABLE IF NOT EXISTS access_tokens (
  name VARCHAR(96) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value_sealed VARBINARY(2048),
  expires_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS wechat_accounts (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  openid_index VARBINARY(32) NOT NULL,
  bound_at BIGINT NOT NULL,
  PRIMARY KEY (person_id),
  UNIQUE KEY uq_wechat_accounts_openid_index (openid_index)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS wechat_consents (
  openid_index VARBINARY(32) NOT NULL,
  template_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consents INT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (openid_index, template_id),
  KEY ix_wechat_consents_updated_at (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS wechat_consents;
DROP TABLE IF EXISTS wechat_accounts;
DROP TABLE IF EXISTS access_tokens;
