-- What devices tell of doors. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- sequence 0 is of an event that its device did not number; its epoch is then its own. lost is with kind gap.
CREATE TABLE IF NOT EXISTS device_events (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  epoch VARCHAR(80) NOT NULL,
  sequence BIGINT NOT NULL,
  kind VARCHAR(32) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  lost BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  replayed TINYINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_device_events_device_id_epoch_sequence (device_id, epoch, sequence),
  KEY ix_device_events_station_id_id (station_id, id),
  KEY ix_device_events_compound_id_id (compound_id, id),
  KEY ix_device_events_door_id_id (door_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS device_epochs (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  epoch VARCHAR(80) NOT NULL,
  through BIGINT NOT NULL,
  high BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_device_epochs_device_id_epoch (device_id, epoch),
  KEY ix_device_epochs_seen_at (seen_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- subject_id is a door, or a device for what concerns all its doors.
CREATE TABLE IF NOT EXISTS door_aspects (
  subject_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  aspect VARCHAR(16) NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARCHAR(32) NOT NULL,
  alarm VARCHAR(32) NOT NULL,
  epoch VARCHAR(80) NOT NULL,
  sequence BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (subject_id, aspect),
  KEY ix_door_aspects_due_at (due_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- standing is subject and kind until the alarm ends, then NULL: one of a kind stands at a time.
CREATE TABLE IF NOT EXISTS door_alarms (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  standing VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin,
  began_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  told_at BIGINT NOT NULL,
  told INT NOT NULL,
  again_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_door_alarms_standing (standing),
  KEY ix_door_alarms_subject_id_kind_told_at (subject_id, kind, told_at),
  KEY ix_door_alarms_again_at (again_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS door_alarm_settings (
  door_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  held_open_s INT NOT NULL,
  PRIMARY KEY (door_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS door_alarm_settings;
DROP TABLE IF EXISTS door_alarms;
DROP TABLE IF EXISTS door_aspects;
DROP TABLE IF EXISTS device_epochs;
DROP TABLE IF EXISTS device_events;
