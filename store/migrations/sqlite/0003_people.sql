-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- Names, numbers and addresses are sealed (AES-256-GCM); *_index columns are blind indexes (HMAC).
CREATE TABLE IF NOT EXISTS people (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name_sealed BLOB NOT NULL,
  phone_sealed BLOB,
  phone_index BLOB,
  id_number_sealed BLOB,
  id_number_index BLOB,
  account TEXT,
  password_hash TEXT NOT NULL,
  demo INTEGER NOT NULL,
  disabled_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_people_station_id_id ON people (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_people_phone_index ON people (phone_index);
CREATE UNIQUE INDEX IF NOT EXISTS uq_people_account ON people (account);
CREATE TABLE IF NOT EXISTS role_grants (
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  role TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_role_grants_person_id_id ON role_grants (person_id, id);
CREATE INDEX IF NOT EXISTS ix_role_grants_station_id_role_compound_id ON role_grants (station_id, role, compound_id);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  device INTEGER NOT NULL,
  client TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_sessions_subject_id_id ON sessions (subject_id, id);
CREATE INDEX IF NOT EXISTS ix_sessions_expires_at ON sessions (expires_at);
CREATE INDEX IF NOT EXISTS ix_sessions_revoked_at ON sessions (revoked_at);
CREATE TABLE IF NOT EXISTS refresh_tokens (
  token_hash BLOB NOT NULL,
  session_id TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  retry_hash BLOB,
  answer_sealed BLOB,
  answer_until INTEGER NOT NULL,
  PRIMARY KEY (token_hash)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_refresh_tokens_session_id ON refresh_tokens (session_id);
CREATE INDEX IF NOT EXISTS ix_refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE INDEX IF NOT EXISTS ix_refresh_tokens_answer_until ON refresh_tokens (answer_until);
CREATE TABLE IF NOT EXISTS sms_codes (
  phone_index BLOB NOT NULL,
  code_mac BLOB NOT NULL,
  sent_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  counted_from INTEGER NOT NULL,
  codes INTEGER NOT NULL,
  wrong INTEGER NOT NULL,
  PRIMARY KEY (phone_index)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_sms_codes_sent_at ON sms_codes (sent_at);
CREATE TABLE IF NOT EXISTS push_addresses (
  person_id TEXT NOT NULL,
  installation_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  value_sealed BLOB NOT NULL,
  value_index BLOB NOT NULL,
  platform TEXT NOT NULL,
  locale TEXT NOT NULL,
  app_version TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, installation_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_push_addresses_kind_value_index ON push_addresses (kind, value_index);

-- +goose Down
DROP TABLE IF EXISTS push_addresses;
DROP TABLE IF EXISTS sms_codes;
DROP TABLE IF EXISTS refresh_tokens;
DROP TABLE IF EXISTS sessions;
DROP TABLE IF EXISTS role_grants;
DROP TABLE IF EXISTS people;
