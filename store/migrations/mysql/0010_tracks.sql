-- Positions of people during a round. Times (*_at) are Unix milliseconds, UTC. Of the positions of one person, one start
-- of the phone (boot_id, '' where it did not say) and one slot of its clock only that of the smallest rank_id is kept.
-- +goose Up
CREATE TABLE IF NOT EXISTS track_points (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  boot_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  slot BIGINT NOT NULL,
  rank_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  accuracy_m DOUBLE NOT NULL,
  is_mock INT NOT NULL,
  speed_mps DOUBLE,
  crs VARCHAR(8) NOT NULL,
  source VARCHAR(16) NOT NULL,
  phone_at BIGINT NOT NULL,
  monotonic_ms BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, boot_id, slot),
  KEY ix_track_points_person_id_at (person_id, at),
  KEY ix_track_points_station_id_at (station_id, at),
  KEY ix_track_points_round_id_at (round_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS track_points;
