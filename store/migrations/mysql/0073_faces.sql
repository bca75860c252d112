-- Entry by face: who consented, and what terminals are asked. No face is kept here, nor anything made from one.
-- Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- ended: empty while the consent holds, its own id once it has ended: one holds at a time, the others stay as a record.
CREATE TABLE IF NOT EXISTS face_consents (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  given_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(32) NOT NULL,
  given_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  end_reason VARCHAR(32) NOT NULL,
  ended CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_face_consents_person_id_home_id_ended (person_id, home_id, ended),
  KEY ix_face_consents_person_id_id (person_id, id),
  KEY ix_face_consents_given_by_id (given_by, id),
  KEY ix_face_consents_ended_id (ended, id),
  KEY ix_face_consents_ended_at (ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- live: person and terminal while the enrolment is or may become good, then NULL: one at a time. tell_at: when somebody is told that a deletion is late.
CREATE TABLE IF NOT EXISTS face_enrolments (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consent_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asked_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  credential_ref VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(32) NOT NULL,
  live VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin,
  token_sealed BLOB,
  token_hash VARBINARY(32) NOT NULL,
  token_until BIGINT NOT NULL,
  valid_until BIGINT NOT NULL,
  requested_at BIGINT NOT NULL,
  enrolled_at BIGINT NOT NULL,
  deletion_at BIGINT NOT NULL,
  reason VARCHAR(32) NOT NULL,
  over_at BIGINT NOT NULL,
  told INT NOT NULL,
  tell_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_face_enrolments_live (live),
  UNIQUE KEY uq_face_enrolments_device_id_credential_ref (device_id, credential_ref),
  KEY ix_face_enrolments_device_id_state_id (device_id, state, id),
  KEY ix_face_enrolments_person_id_id (person_id, id),
  KEY ix_face_enrolments_asked_by_id (asked_by, id),
  KEY ix_face_enrolments_consent_id (consent_id),
  KEY ix_face_enrolments_compound_id_state_id (compound_id, state, id),
  KEY ix_face_enrolments_station_id_state_id (station_id, state, id),
  KEY ix_face_enrolments_state_token_until (state, token_until),
  KEY ix_face_enrolments_tell_at (tell_at),
  KEY ix_face_enrolments_over_at (over_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- ways: those through the door, with commas.
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'doors' AND column_name = 'ways') = 0,
  'ALTER TABLE doors ADD COLUMN ways VARCHAR(64) NOT NULL DEFAULT ''code,remote''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE doors DROP COLUMN ways;
DROP TABLE IF EXISTS face_enrolments;
DROP TABLE IF EXISTS face_consents;
