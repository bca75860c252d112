-- Whose a tip is, and until when the station wants to have taken the next step. Times (*_at) are Unix milliseconds, UTC; 0 means
-- none. Who stands in for an officer.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_clocks (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assigned_to CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  begun_at BIGINT NOT NULL,
  action_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  climbs_at BIGINT NOT NULL,
  climb SMALLINT NOT NULL,
  PRIMARY KEY (tip_id),
  KEY ix_tip_clocks_climbs_at (climbs_at),
  KEY ix_tip_clocks_assigned_to_due_at (assigned_to, due_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS deputies (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  deputy_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- People near a crime in progress who were asked to help, and what they answered.
CREATE TABLE IF NOT EXISTS tip_helpers (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asked_at BIGINT NOT NULL,
  answer VARCHAR(16) NOT NULL,
  answered_at BIGINT NOT NULL,
  PRIMARY KEY (tip_id, person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS tip_helpers;
DROP TABLE IF EXISTS deputies;
DROP TABLE IF EXISTS tip_clocks;
