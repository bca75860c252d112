-- Calls for help, whom they were put to, where their callers were, and the timers of people who are alone.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- open_of is the caller while the call is open and NULL afterwards: nobody has two open at once.
CREATE TABLE IF NOT EXISTS sos (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  caller_id TEXT NOT NULL,
  open_of TEXT,
  kind TEXT NOT NULL,
  silent INTEGER NOT NULL,
  lat REAL,
  lng REAL,
  accuracy_m REAL NOT NULL,
  crs TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  delivered_at INTEGER NOT NULL,
  acknowledged_at INTEGER NOT NULL,
  acknowledged_by TEXT NOT NULL,
  claimed_safe_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  ended_by TEXT NOT NULL,
  note_sealed BLOB,
  asked_at INTEGER NOT NULL,
  step INTEGER NOT NULL,
  widens_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_sos_open_of ON sos (open_of);
CREATE INDEX IF NOT EXISTS ix_sos_station_id_order_id ON sos (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_sos_compound_id_order_id ON sos (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_sos_caller_id_order_id ON sos (caller_id, order_id);
CREATE INDEX IF NOT EXISTS ix_sos_widens_at ON sos (widens_at);
CREATE INDEX IF NOT EXISTS ix_sos_changed_at ON sos (changed_at);
CREATE INDEX IF NOT EXISTS ix_sos_ended_at ON sos (ended_at);
-- Every id under which a phone called, also while a call was open.
CREATE TABLE IF NOT EXISTS sos_calls (
  id TEXT NOT NULL,
  sos_id TEXT NOT NULL,
  caller_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_sos_calls_sos_id ON sos_calls (sos_id);
CREATE TABLE IF NOT EXISTS sos_helpers (
  sos_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  role TEXT NOT NULL,
  step INTEGER NOT NULL,
  distance_m REAL,
  asked_at INTEGER NOT NULL,
  delivered_at INTEGER NOT NULL,
  acknowledged_at INTEGER NOT NULL,
  reply TEXT NOT NULL,
  replied_at INTEGER NOT NULL,
  PRIMARY KEY (sos_id, person_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_sos_helpers_person_id_sos_id ON sos_helpers (person_id, sos_id);
CREATE TABLE IF NOT EXISTS sos_positions (
  sos_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  accuracy_m REAL NOT NULL,
  crs TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (sos_id, at)
) STRICT, WITHOUT ROWID;
-- running_of is the person while the timer runs and NULL afterwards.
CREATE TABLE IF NOT EXISTS welfare_timers (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  running_of TEXT,
  interval_ms INTEGER NOT NULL,
  grace_ms INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  answered_at INTEGER NOT NULL,
  warned_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  acts_at INTEGER NOT NULL,
  sos_id TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_welfare_timers_running_of ON welfare_timers (running_of);
CREATE INDEX IF NOT EXISTS ix_welfare_timers_station_id_order_id ON welfare_timers (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_welfare_timers_person_id_order_id ON welfare_timers (person_id, order_id);
CREATE INDEX IF NOT EXISTS ix_welfare_timers_acts_at ON welfare_timers (acts_at);
CREATE INDEX IF NOT EXISTS ix_welfare_timers_ended_at ON welfare_timers (ended_at);

-- +goose Down
DROP TABLE IF EXISTS welfare_timers;
DROP TABLE IF EXISTS sos_positions;
DROP TABLE IF EXISTS sos_helpers;
DROP TABLE IF EXISTS sos_calls;
DROP TABLE IF EXISTS sos;
