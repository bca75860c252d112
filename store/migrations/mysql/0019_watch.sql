-- What is wrong about patrol: missed stops, rounds not started, street posts left, key places where nobody was.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- ended_at is part of the unique key: a subject has one open concern, and any number that have ended.
-- +goose Up
CREATE TABLE IF NOT EXISTS watch_concerns (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  severity VARCHAR(16) NOT NULL,
  squad_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  place_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  leader_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  round_name VARCHAR(64) NOT NULL,
  from_at BIGINT NOT NULL,
  since_at BIGINT NOT NULL,
  lapses_at BIGINT NOT NULL,
  leader_alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  told_leader_at BIGINT NOT NULL,
  commander_alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  told_commander_at BIGINT NOT NULL,
  climbs_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  outcome VARCHAR(16) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_watch_concerns_station_id_subject_ended_at (station_id, subject, ended_at),
  KEY ix_watch_concerns_station_id_id (station_id, id),
  KEY ix_watch_concerns_squad_id_id (squad_id, id),
  KEY ix_watch_concerns_leader_id_id (leader_id, id),
  KEY ix_watch_concerns_ended_at_station_id (ended_at, station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS watch_concerns;
