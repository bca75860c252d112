-- Calls for help, whom they were put to, where their callers were, and the timers of people who are alone.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- open_of is the caller while the call is open and NULL afterwards: nobody has two open at once.
CREATE TABLE IF NOT EXISTS sos (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  caller_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  open_of CHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
  kind VARCHAR(32) NOT NULL,
  silent TINYINT NOT NULL,
  lat DOUBLE,
  lng DOUBLE,
  accuracy_m DOUBLE NOT NULL,
  crs VARCHAR(8) NOT NULL,
  raised_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  delivered_at BIGINT NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  acknowledged_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  claimed_safe_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note_sealed BLOB,
  asked_at BIGINT NOT NULL,
  step INT NOT NULL,
  widens_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_sos_open_of (open_of),
  KEY ix_sos_station_id_order_id (station_id, order_id),
  KEY ix_sos_compound_id_order_id (compound_id, order_id),
  KEY ix_sos_caller_id_order_id (caller_id, order_id),
  KEY ix_sos_widens_at (widens_at),
  KEY ix_sos_changed_at (changed_at),
  KEY ix_sos_ended_at (ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- Every id under which a phone called, also while a call was open.
CREATE TABLE IF NOT EXISTS sos_calls (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sos_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  caller_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_sos_calls_sos_id (sos_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS sos_helpers (
  sos_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role VARCHAR(16) NOT NULL,
  step INT NOT NULL,
  distance_m DOUBLE,
  asked_at BIGINT NOT NULL,
  delivered_at BIGINT NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  reply VARCHAR(16) NOT NULL,
  replied_at BIGINT NOT NULL,
  PRIMARY KEY (sos_id, person_id),
  KEY ix_sos_helpers_person_id_sos_id (person_id, sos_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS sos_positions (
  sos_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  accuracy_m DOUBLE NOT NULL,
  crs VARCHAR(8) NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (sos_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- running_of is the person while the timer runs and NULL afterwards.
CREATE TABLE IF NOT EXISTS welfare_timers (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  running_of CHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
  interval_ms BIGINT NOT NULL,
  grace_ms BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  warned_at BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  acts_at BIGINT NOT NULL,
  sos_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ended_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_welfare_timers_running_of (running_of),
  KEY ix_welfare_timers_station_id_order_id (station_id, order_id),
  KEY ix_welfare_timers_person_id_order_id (person_id, order_id),
  KEY ix_welfare_timers_acts_at (acts_at),
  KEY ix_welfare_timers_ended_at (ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS welfare_timers;
DROP TABLE IF EXISTS sos_positions;
DROP TABLE IF EXISTS sos_helpers;
DROP TABLE IF EXISTS sos_calls;
DROP TABLE IF EXISTS sos;
