-- Rings of homes from the panels of doors. Times (*_at, quiet_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- legs: whom the call rings and when, as JSON. next_at: when something of it is due. session_sealed is NULL once it is over.
CREATE TABLE IF NOT EXISTS calls (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  state TEXT NOT NULL,
  legs TEXT NOT NULL,
  leg INTEGER NOT NULL,
  guard_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  rung_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  answered_at INTEGER NOT NULL,
  answered_by TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  command_id TEXT NOT NULL,
  photo_id TEXT NOT NULL,
  session_sealed BLOB,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  body_hash BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_calls_home_id_order_id ON calls (home_id, order_id);
CREATE INDEX IF NOT EXISTS ix_calls_compound_id_order_id ON calls (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_calls_device_id_home_id_rung_at ON calls (device_id, home_id, rung_at);
CREATE INDEX IF NOT EXISTS ix_calls_next_at ON calls (next_at);
CREATE INDEX IF NOT EXISTS ix_calls_changed_at ON calls (changed_at);
CREATE INDEX IF NOT EXISTS ix_calls_order_id ON calls (order_id);
CREATE INDEX IF NOT EXISTS ix_calls_photo_id ON calls (photo_id);
-- ended: empty while the consent holds, its own id once it was withdrawn: one holds at a time, the others stay as a record.
CREATE TABLE IF NOT EXISTS call_consents (
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  installation_id TEXT NOT NULL,
  version TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  withdrawn_at INTEGER NOT NULL,
  ended TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_call_consents_person_id_id ON call_consents (person_id, id);
CREATE INDEX IF NOT EXISTS ix_call_consents_withdrawn_at ON call_consents (withdrawn_at);
CREATE UNIQUE INDEX IF NOT EXISTS uq_call_consents_home_id_person_id_installation_id_ended ON call_consents (home_id, person_id, installation_id, ended);
-- list: who is rung after the home, as JSON.
CREATE TABLE IF NOT EXISTS call_settings (
  home_id TEXT NOT NULL,
  quiet_until INTEGER NOT NULL,
  list TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (home_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS call_settings;
DROP TABLE IF EXISTS call_consents;
DROP TABLE IF EXISTS calls;
