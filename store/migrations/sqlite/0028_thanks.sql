-- Thanks: points, commendations, rewards. Times (*_at, claims_until) are Unix milliseconds, UTC; 0 means none. An empty id
-- means none. point_entries only grows. live_tip_id is the tip of a reward that may still be paid, or was: one a tip.
-- +goose Up
CREATE TABLE IF NOT EXISTS point_rules (
  station_id TEXT NOT NULL,
  event TEXT NOT NULL,
  points INTEGER NOT NULL,
  daily_cap INTEGER NOT NULL,
  monthly_cap INTEGER NOT NULL,
  PRIMARY KEY (station_id, event)
) STRICT;
CREATE TABLE IF NOT EXISTS point_levels (
  station_id TEXT NOT NULL,
  min_points INTEGER NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  PRIMARY KEY (station_id, min_points)
) STRICT;
CREATE TABLE IF NOT EXISTS point_entries (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  event TEXT NOT NULL,
  about_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  points INTEGER NOT NULL,
  earned_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_point_entries_person_id_event_about_id_ordinal ON point_entries (person_id, event, about_id, ordinal);
CREATE INDEX IF NOT EXISTS ix_point_entries_person_id_id ON point_entries (person_id, id);
CREATE INDEX IF NOT EXISTS ix_point_entries_about_id_event ON point_entries (about_id, event);
CREATE INDEX IF NOT EXISTS ix_point_entries_person_id_event_earned_at ON point_entries (person_id, event, earned_at);
CREATE TABLE IF NOT EXISTS commendations (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  reason_sealed BLOB NOT NULL,
  about_kind TEXT NOT NULL,
  about_id TEXT NOT NULL,
  proposer_id TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decider_id TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  decision_reason_sealed BLOB,
  person_name_sealed BLOB,
  station_name TEXT NOT NULL,
  granted_on TEXT NOT NULL,
  year INTEGER NOT NULL,
  number INTEGER,
  check_code_sealed BLOB,
  check_index BLOB,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_commendations_station_id_year_number ON commendations (station_id, year, number);
CREATE UNIQUE INDEX IF NOT EXISTS uq_commendations_check_index ON commendations (check_index);
CREATE INDEX IF NOT EXISTS ix_commendations_station_id_order_id ON commendations (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_commendations_person_id_order_id ON commendations (person_id, order_id);
CREATE TABLE IF NOT EXISTS rewards (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  live_tip_id TEXT,
  reporter_id TEXT NOT NULL,
  amount_cents INTEGER NOT NULL,
  reason_sealed BLOB NOT NULL,
  proposer_id TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decider_id TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  decision_reason_sealed BLOB,
  claims_until INTEGER NOT NULL,
  code_mac BLOB,
  claimed_at INTEGER NOT NULL,
  desk_id TEXT NOT NULL,
  payer_id TEXT NOT NULL,
  paid_at INTEGER NOT NULL,
  voucher_sealed BLOB,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_rewards_live_tip_id ON rewards (live_tip_id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_rewards_code_mac ON rewards (code_mac);
CREATE INDEX IF NOT EXISTS ix_rewards_station_id_order_id ON rewards (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rewards_compound_id_order_id ON rewards (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rewards_reporter_id_order_id ON rewards (reporter_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rewards_tip_id_order_id ON rewards (tip_id, order_id);
CREATE INDEX IF NOT EXISTS ix_rewards_state_claims_until ON rewards (state, claims_until);

-- +goose Down
DROP TABLE IF EXISTS rewards;
DROP TABLE IF EXISTS commendations;
DROP TABLE IF EXISTS point_entries;
DROP TABLE IF EXISTS point_levels;
DROP TABLE IF EXISTS point_rules;
