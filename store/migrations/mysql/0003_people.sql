-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- Names, numbers and addresses are sealed (AES-256-GCM); *_index columns are blind indexes (HMAC).
CREATE TABLE IF NOT EXISTS people (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_sealed BLOB NOT NULL,
  phone_sealed BLOB,
  phone_index VARBINARY(32),
  id_number_sealed BLOB,
  id_number_index VARBINARY(32),
  account VARCHAR(64),
  password_hash VARCHAR(255) NOT NULL,
  demo TINYINT NOT NULL,
  disabled_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_people_station_id_id (station_id, id),
  UNIQUE KEY uq_people_phone_index (phone_index),
  UNIQUE KEY uq_people_account (account)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS role_grants (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role VARCHAR(32) NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_role_grants_person_id_id (person_id, id),
  KEY ix_role_grants_station_id_role_compound_id (station_id, role, compound_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS sessions (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device TINYINT NOT NULL,
  client VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_sessions_subject_id_id (subject_id, id),
  KEY ix_sessions_expires_at (expires_at),
  KEY ix_sessions_revoked_at (revoked_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS refresh_tokens (
  token_hash VARBINARY(32) NOT NULL,
  session_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  retry_hash VARBINARY(32),
  answer_sealed BLOB,
  answer_until BIGINT NOT NULL,
  PRIMARY KEY (token_hash),
  KEY ix_refresh_tokens_session_id (session_id),
  KEY ix_refresh_tokens_expires_at (expires_at),
  KEY ix_refresh_tokens_answer_until (answer_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS sms_codes (
  phone_index VARBINARY(32) NOT NULL,
  code_mac VARBINARY(32) NOT NULL,
  sent_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  attempts INT NOT NULL,
  counted_from BIGINT NOT NULL,
  codes INT NOT NULL,
  wrong INT NOT NULL,
  PRIMARY KEY (phone_index),
  KEY ix_sms_codes_sent_at (sent_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS push_addresses (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  installation_id VARCHAR(128) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  value_sealed BLOB NOT NULL,
  value_index VARBINARY(32) NOT NULL,
  platform VARCHAR(32) NOT NULL,
  locale VARCHAR(16) NOT NULL,
  app_version VARCHAR(32) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, installation_id),
  UNIQUE KEY uq_push_addresses_kind_value_index (kind, value_index)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS push_addresses;
DROP TABLE IF EXISTS sms_codes;
DROP TABLE IF EXISTS refresh_tokens;
DROP TABLE IF EXISTS sessions;
DROP TABLE IF EXISTS role_grants;
DROP TABLE IF EXISTS people;
