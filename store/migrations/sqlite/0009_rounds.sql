-- Squads, shifts, street posts, and the rounds planned on them. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- An empty id or date means none. Minutes are of the wall clock in the station's time zone.
-- +goose Up
CREATE TABLE IF NOT EXISTS squads (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  leader_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_squads_station_id_id ON squads (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_squads_station_id_name_ended_at ON squads (station_id, name, ended_at);
CREATE TABLE IF NOT EXISTS squad_members (
  squad_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (squad_id, person_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_squad_members_person_id_squad_id ON squad_members (person_id, squad_id);
CREATE TABLE IF NOT EXISTS street_posts (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  name TEXT NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  radius_m INTEGER NOT NULL,
  max_gap_minutes INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_street_posts_station_id_id ON street_posts (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_street_posts_station_id_name_ended_at ON street_posts (station_id, name, ended_at);
CREATE TABLE IF NOT EXISTS shifts (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  squad_id TEXT NOT NULL,
  post_id TEXT NOT NULL,
  name TEXT NOT NULL,
  start_minute INTEGER NOT NULL,
  length_minutes INTEGER NOT NULL,
  recurrence TEXT NOT NULL,
  weekdays INTEGER NOT NULL,
  dates TEXT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_shifts_station_id_id ON shifts (station_id, id);
CREATE INDEX IF NOT EXISTS ix_shifts_squad_id_id ON shifts (squad_id, id);
CREATE TABLE IF NOT EXISTS round_plans (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  shift_id TEXT NOT NULL,
  route_id TEXT NOT NULL,
  name TEXT NOT NULL,
  ordered INTEGER NOT NULL,
  team INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_round_plans_station_id_id ON round_plans (station_id, id);
CREATE INDEX IF NOT EXISTS ix_round_plans_shift_id_id ON round_plans (shift_id, id);
CREATE TABLE IF NOT EXISTS round_plan_stops (
  plan_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  checkpoint_id TEXT NOT NULL,
  from_minute INTEGER NOT NULL,
  until_minute INTEGER NOT NULL,
  priority TEXT NOT NULL,
  PRIMARY KEY (plan_id, ordinal)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_round_plan_stops_checkpoint_id_plan_id ON round_plan_stops (checkpoint_id, plan_id);
CREATE TABLE IF NOT EXISTS rounds (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  squad_id TEXT NOT NULL,
  date TEXT NOT NULL,
  leader_id TEXT NOT NULL,
  state TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  ended_by TEXT NOT NULL,
  reason_sealed BLOB,
  ordered INTEGER NOT NULL,
  team INTEGER NOT NULL,
  scanners INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_rounds_station_id_order_id ON rounds (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rounds_squad_id_order_id ON rounds (squad_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rounds_state_starts_at ON rounds (state, starts_at);
CREATE TABLE IF NOT EXISTS round_stops (
  round_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  checkpoint_id TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  priority TEXT NOT NULL,
  state TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  seen_by TEXT NOT NULL,
  check_in_id TEXT NOT NULL,
  skip_reason_sealed BLOB,
  PRIMARY KEY (round_id, ordinal)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_round_stops_checkpoint_id_until_at ON round_stops (checkpoint_id, until_at);
CREATE TABLE IF NOT EXISTS round_members (
  round_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL,
  left_at INTEGER NOT NULL,
  PRIMARY KEY (round_id, person_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_round_members_person_id_joined_at ON round_members (person_id, joined_at);

-- +goose Down
DROP TABLE IF EXISTS round_members;
DROP TABLE IF EXISTS round_stops;
DROP TABLE IF EXISTS rounds;
DROP TABLE IF EXISTS round_plan_stops;
DROP TABLE IF EXISTS round_plans;
DROP TABLE IF EXISTS shifts;
DROP TABLE IF EXISTS street_posts;
DROP TABLE IF EXISTS squad_members;
DROP TABLE IF EXISTS squads;
