-- Squads, shifts, street posts, and the rounds planned on them. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- An empty id or date means none. Minutes are of the wall clock in the station's time zone.
-- +goose Up
CREATE TABLE IF NOT EXISTS squads (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  leader_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_squads_station_id_id (station_id, id),
  UNIQUE KEY uq_squads_station_id_name_ended_at (station_id, name, ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS squad_members (
  squad_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  PRIMARY KEY (squad_id, person_id),
  KEY ix_squad_members_person_id_squad_id (person_id, squad_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS street_posts (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  radius_m INT NOT NULL,
  max_gap_minutes INT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_street_posts_station_id_id (station_id, id),
  UNIQUE KEY uq_street_posts_station_id_name_ended_at (station_id, name, ended_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS shifts (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  squad_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  post_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  start_minute INT NOT NULL,
  length_minutes INT NOT NULL,
  recurrence VARCHAR(16) NOT NULL,
  weekdays INT NOT NULL,
  dates VARCHAR(4096) NOT NULL,
  from_date VARCHAR(10) NOT NULL,
  until_date VARCHAR(10) NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_shifts_station_id_id (station_id, id),
  KEY ix_shifts_squad_id_id (squad_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS round_plans (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shift_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  route_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  ordered INT NOT NULL,
  team INT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_round_plans_station_id_id (station_id, id),
  KEY ix_round_plans_shift_id_id (shift_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS round_plan_stops (
  plan_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_minute INT NOT NULL,
  until_minute INT NOT NULL,
  priority VARCHAR(16) NOT NULL,
  PRIMARY KEY (plan_id, ordinal),
  KEY ix_round_plan_stops_checkpoint_id_plan_id (checkpoint_id, plan_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS rounds (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  squad_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  date VARCHAR(10) NOT NULL,
  leader_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(16) NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_sealed BLOB,
  ordered INT NOT NULL,
  team INT NOT NULL,
  scanners INT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_rounds_station_id_order_id (station_id, order_id),
  KEY ix_rounds_squad_id_order_id (squad_id, order_id),
  KEY ix_rounds_state_starts_at (state, starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS round_stops (
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  priority VARCHAR(16) NOT NULL,
  state VARCHAR(16) NOT NULL,
  seen_at BIGINT NOT NULL,
  seen_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  check_in_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  skip_reason_sealed BLOB,
  PRIMARY KEY (round_id, ordinal),
  KEY ix_round_stops_checkpoint_id_until_at (checkpoint_id, until_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS round_members (
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(16) NOT NULL,
  joined_at BIGINT NOT NULL,
  confirmed_at BIGINT NOT NULL,
  left_at BIGINT NOT NULL,
  PRIMARY KEY (round_id, person_id),
  KEY ix_round_members_person_id_joined_at (person_id, joined_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

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
