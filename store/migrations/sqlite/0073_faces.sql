-- Entry by face: who consented, and what terminals are asked. No face is kept here, nor anything made from one.
-- Times (*_at, *_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- ended: empty while the consent holds, its own id once it has ended: one holds at a time, the others stay as a record.
CREATE TABLE IF NOT EXISTS face_consents (
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  given_by TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  version TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  end_reason TEXT NOT NULL,
  ended TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_face_consents_person_id_home_id_ended ON face_consents (person_id, home_id, ended);
CREATE INDEX IF NOT EXISTS ix_face_consents_person_id_id ON face_consents (person_id, id);
CREATE INDEX IF NOT EXISTS ix_face_consents_given_by_id ON face_consents (given_by, id);
CREATE INDEX IF NOT EXISTS ix_face_consents_ended_id ON face_consents (ended, id);
CREATE INDEX IF NOT EXISTS ix_face_consents_ended_at ON face_consents (ended_at);
-- live: person and terminal while the enrolment is or may become good, then NULL: one at a time. tell_at: when somebody is told that a deletion is late.
CREATE TABLE IF NOT EXISTS face_enrolments (
  id TEXT NOT NULL,
  consent_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  credential_ref TEXT NOT NULL,
  state TEXT NOT NULL,
  live TEXT,
  token_sealed BLOB,
  token_hash BLOB NOT NULL,
  token_until INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  enrolled_at INTEGER NOT NULL,
  deletion_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  over_at INTEGER NOT NULL,
  told INTEGER NOT NULL,
  tell_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_face_enrolments_live ON face_enrolments (live);
CREATE UNIQUE INDEX IF NOT EXISTS uq_face_enrolments_device_id_credential_ref ON face_enrolments (device_id, credential_ref);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_device_id_state_id ON face_enrolments (device_id, state, id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_person_id_id ON face_enrolments (person_id, id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_asked_by_id ON face_enrolments (asked_by, id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_consent_id ON face_enrolments (consent_id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_compound_id_state_id ON face_enrolments (compound_id, state, id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_station_id_state_id ON face_enrolments (station_id, state, id);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_state_token_until ON face_enrolments (state, token_until);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_tell_at ON face_enrolments (tell_at);
CREATE INDEX IF NOT EXISTS ix_face_enrolments_over_at ON face_enrolments (over_at);
-- ways: those through the door, with commas.
ALTER TABLE doors ADD COLUMN ways TEXT NOT NULL DEFAULT 'code,remote';

-- +goose Down
ALTER TABLE doors DROP COLUMN ways;
DROP TABLE IF EXISTS face_enrolments;
DROP TABLE IF EXISTS face_consents;
