-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS devices (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  session_nonce TEXT NOT NULL,
  online INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  demo INTEGER NOT NULL,
  disabled_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_devices_station_id_id ON devices (station_id, id);
CREATE INDEX IF NOT EXISTS ix_devices_compound_id_id ON devices (compound_id, id);
CREATE TABLE IF NOT EXISTS doors (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_doors_station_id_id ON doors (station_id, id);
CREATE INDEX IF NOT EXISTS ix_doors_compound_id_id ON doors (compound_id, id);
CREATE INDEX IF NOT EXISTS ix_doors_device_id ON doors (device_id);
-- code_mac is an HMAC with a pepper that is not in the database.
CREATE TABLE IF NOT EXISTS visitor_passes (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  host_id TEXT NOT NULL,
  visitor_name_sealed BLOB NOT NULL,
  plate_sealed BLOB,
  code_mac BLOB NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  max_uses INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_visitor_passes_code_mac ON visitor_passes (code_mac);
CREATE INDEX IF NOT EXISTS ix_visitor_passes_host_id_id ON visitor_passes (host_id, id);
CREATE INDEX IF NOT EXISTS ix_visitor_passes_compound_id_id ON visitor_passes (compound_id, id);
CREATE TABLE IF NOT EXISTS visitor_pass_doors (
  pass_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  PRIMARY KEY (pass_id, door_id)
) STRICT;
CREATE TABLE IF NOT EXISTS door_commands (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_door_commands_state_expires_at ON door_commands (state, expires_at);
CREATE TABLE IF NOT EXISTS access_events (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  way TEXT NOT NULL,
  outcome TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  command_id TEXT NOT NULL,
  device_event_id TEXT,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_access_events_station_id_id ON access_events (station_id, id);
CREATE INDEX IF NOT EXISTS ix_access_events_compound_id_id ON access_events (compound_id, id);
CREATE INDEX IF NOT EXISTS ix_access_events_door_id_id ON access_events (door_id, id);
CREATE INDEX IF NOT EXISTS ix_access_events_person_id_id ON access_events (person_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_access_events_device_event_id ON access_events (device_event_id);

-- +goose Down
DROP TABLE IF EXISTS access_events;
DROP TABLE IF EXISTS door_commands;
DROP TABLE IF EXISTS visitor_pass_doors;
DROP TABLE IF EXISTS visitor_passes;
DROP TABLE IF EXISTS doors;
DROP TABLE IF EXISTS devices;
