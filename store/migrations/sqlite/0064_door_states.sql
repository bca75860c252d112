-- What devices tell of doors. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- sequence 0 is of an event that its device did not number; its epoch is then its own. lost is with kind gap.
CREATE TABLE IF NOT EXISTS device_events (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  lost INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  replayed INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_device_events_device_id_epoch_sequence ON device_events (device_id, epoch, sequence);
CREATE INDEX IF NOT EXISTS ix_device_events_station_id_id ON device_events (station_id, id);
CREATE INDEX IF NOT EXISTS ix_device_events_compound_id_id ON device_events (compound_id, id);
CREATE INDEX IF NOT EXISTS ix_device_events_door_id_id ON device_events (door_id, id);
CREATE TABLE IF NOT EXISTS device_epochs (
  id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  through INTEGER NOT NULL,
  high INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_device_epochs_device_id_epoch ON device_epochs (device_id, epoch);
CREATE INDEX IF NOT EXISTS ix_device_epochs_seen_at ON device_epochs (seen_at);
-- subject_id is a door, or a device for what concerns all its doors.
CREATE TABLE IF NOT EXISTS door_aspects (
  subject_id TEXT NOT NULL,
  aspect TEXT NOT NULL,
  device_id TEXT NOT NULL,
  value TEXT NOT NULL,
  alarm TEXT NOT NULL,
  epoch TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (subject_id, aspect)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_door_aspects_due_at ON door_aspects (due_at);
-- standing is subject and kind until the alarm ends, then NULL: one of a kind stands at a time.
CREATE TABLE IF NOT EXISTS door_alarms (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  door_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  standing TEXT,
  began_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  alert_id TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  told INTEGER NOT NULL,
  again_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_door_alarms_standing ON door_alarms (standing);
CREATE INDEX IF NOT EXISTS ix_door_alarms_subject_id_kind_told_at ON door_alarms (subject_id, kind, told_at);
CREATE INDEX IF NOT EXISTS ix_door_alarms_again_at ON door_alarms (again_at);
CREATE TABLE IF NOT EXISTS door_alarm_settings (
  door_id TEXT NOT NULL,
  held_open_s INTEGER NOT NULL,
  PRIMARY KEY (door_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS door_alarm_settings;
DROP TABLE IF EXISTS door_alarms;
DROP TABLE IF EXISTS door_aspects;
DROP TABLE IF EXISTS device_epochs;
DROP TABLE IF EXISTS device_events;
