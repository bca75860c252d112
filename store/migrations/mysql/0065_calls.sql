-- Rings of homes from the panels of doors. Times (*_at, quiet_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- legs: whom the call rings and when, as JSON. next_at: when something of it is due. session_sealed is NULL once it is over.
CREATE TABLE IF NOT EXISTS calls (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(32) NOT NULL,
  legs VARCHAR(2000) NOT NULL,
  leg INT NOT NULL,
  guard_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  rung_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  answered_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ended_at BIGINT NOT NULL,
  command_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  photo_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  session_sealed BLOB,
  version BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_calls_home_id_order_id (home_id, order_id),
  KEY ix_calls_compound_id_order_id (compound_id, order_id),
  KEY ix_calls_device_id_home_id_rung_at (device_id, home_id, rung_at),
  KEY ix_calls_next_at (next_at),
  KEY ix_calls_changed_at (changed_at),
  KEY ix_calls_order_id (order_id),
  KEY ix_calls_photo_id (photo_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- ended: empty while the consent holds, its own id once it was withdrawn: one holds at a time, the others stay as a record.
CREATE TABLE IF NOT EXISTS call_consents (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  installation_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(32) NOT NULL,
  given_at BIGINT NOT NULL,
  withdrawn_at BIGINT NOT NULL,
  ended CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  KEY ix_call_consents_person_id_id (person_id, id),
  KEY ix_call_consents_withdrawn_at (withdrawn_at),
  UNIQUE KEY uq_call_consents_home_id_person_id_installation_id_ended (home_id, person_id, installation_id, ended)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- list: who is rung after the home, as JSON.
CREATE TABLE IF NOT EXISTS call_settings (
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quiet_until BIGINT NOT NULL,
  list VARCHAR(1000) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (home_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS call_settings;
DROP TABLE IF EXISTS call_consents;
DROP TABLE IF EXISTS calls;
