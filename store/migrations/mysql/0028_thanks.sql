-- Thanks: points, commendations, rewards. Times (*_at, claims_until) are Unix milliseconds, UTC; 0 means none. An empty id
-- means none. point_entries only grows. live_tip_id is the tip of a reward that may still be paid, or was: one a tip.
-- +goose Up
CREATE TABLE IF NOT EXISTS point_rules (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event VARCHAR(32) NOT NULL,
  points INT NOT NULL,
  daily_cap INT NOT NULL,
  monthly_cap INT NOT NULL,
  PRIMARY KEY (station_id, event)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS point_levels (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  min_points INT NOT NULL,
  name_zh VARCHAR(64) NOT NULL,
  name_en VARCHAR(64) NOT NULL,
  PRIMARY KEY (station_id, min_points)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS point_entries (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event VARCHAR(32) NOT NULL,
  about_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  points INT NOT NULL,
  earned_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_point_entries_person_id_event_about_id_ordinal (person_id, event, about_id, ordinal),
  KEY ix_point_entries_person_id_id (person_id, id),
  KEY ix_point_entries_about_id_event (about_id, event),
  KEY ix_point_entries_person_id_event_earned_at (person_id, event, earned_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS commendations (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_sealed BLOB NOT NULL,
  about_kind VARCHAR(16) NOT NULL,
  about_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposed_at BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  decider_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_at BIGINT NOT NULL,
  decision_reason_sealed BLOB,
  person_name_sealed BLOB,
  station_name VARCHAR(255) NOT NULL,
  granted_on VARCHAR(10) NOT NULL,
  year INT NOT NULL,
  number INT,
  check_code_sealed BLOB,
  check_index VARBINARY(32),
  PRIMARY KEY (id),
  UNIQUE KEY uq_commendations_station_id_year_number (station_id, year, number),
  UNIQUE KEY uq_commendations_check_index (check_index),
  KEY ix_commendations_station_id_order_id (station_id, order_id),
  KEY ix_commendations_person_id_order_id (person_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS rewards (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  live_tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
  reporter_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount_cents BIGINT NOT NULL,
  reason_sealed BLOB NOT NULL,
  proposer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposed_at BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  decider_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_at BIGINT NOT NULL,
  decision_reason_sealed BLOB,
  claims_until BIGINT NOT NULL,
  code_mac VARBINARY(32),
  claimed_at BIGINT NOT NULL,
  desk_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  paid_at BIGINT NOT NULL,
  voucher_sealed BLOB,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_rewards_live_tip_id (live_tip_id),
  UNIQUE KEY uq_rewards_code_mac (code_mac),
  KEY ix_rewards_station_id_order_id (station_id, order_id),
  KEY ix_rewards_compound_id_order_id (compound_id, order_id),
  KEY ix_rewards_reporter_id_order_id (reporter_id, order_id),
  KEY ix_rewards_tip_id_order_id (tip_id, order_id),
  KEY ix_rewards_state_claims_until (state, claims_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS rewards;
DROP TABLE IF EXISTS commendations;
DROP TABLE IF EXISTS point_entries;
DROP TABLE IF EXISTS point_levels;
DROP TABLE IF EXISTS point_rules;
