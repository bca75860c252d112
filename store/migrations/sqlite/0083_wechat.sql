-- WeChat's mini-program: whose openid it is, and how many messages they still allow. Times (*_at, *_until) are Unix milliseconds, UTC.
-- +goose Up
-- What providers of messages let us in by, for all replicas. version counts up with each token; lease_until: one of them fetches the next.
CREATE TABLE IF NOT EXISTS access_tokens (
  name TEXT NOT NULL,
  value_sealed BLOB,
  expires_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  PRIMARY KEY (name)
) STRICT;
CREATE TABLE IF NOT EXISTS wechat_accounts (
  person_id TEXT NOT NULL,
  openid_index BLOB NOT NULL,
  bound_at INTEGER NOT NULL,
  PRIMARY KEY (person_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_wechat_accounts_openid_index ON wechat_accounts (openid_index);
CREATE TABLE IF NOT EXISTS wechat_consents (
  openid_index BLOB NOT NULL,
  template_id TEXT NOT NULL,
  consents INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (openid_index, template_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_wechat_consents_updated_at ON wechat_consents (updated_at);

-- +goose Down
DROP TABLE IF EXISTS wechat_consents;
DROP TABLE IF EXISTS wechat_accounts;
DROP TABLE IF EXISTS access_tokens;
