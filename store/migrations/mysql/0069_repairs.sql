-- What people in a compound want mended. Times (*_at, wish_*) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS repairs (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  requester_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category VARCHAR(32) NOT NULL,
  note_sealed BLOB,
  spot_sealed BLOB,
  contact_sealed BLOB,
  wish_from BIGINT NOT NULL,
  wish_until BIGINT NOT NULL,
  state VARCHAR(32) NOT NULL,
  assigned_to CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_at BIGINT NOT NULL,
  climbs_at BIGINT NOT NULL,
  climb TINYINT NOT NULL,
  requested_at BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  late TINYINT NOT NULL,
  reopened INT NOT NULL,
  rating TINYINT NOT NULL,
  version INT NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_repairs_order_id (order_id),
  KEY ix_repairs_station_id_order_id (station_id, order_id),
  KEY ix_repairs_compound_id_order_id (compound_id, order_id),
  KEY ix_repairs_requester_id_order_id (requester_id, order_id),
  KEY ix_repairs_assigned_to_order_id (assigned_to, order_id),
  KEY ix_repairs_climbs_at (climbs_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- stage: 0 as it was, 1 as it was done.
CREATE TABLE IF NOT EXISTS repair_media (
  repair_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  stage TINYINT NOT NULL,
  ordinal INT NOT NULL,
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (repair_id, stage, ordinal),
  KEY ix_repair_media_media_id (media_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS repair_steps (
  repair_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  state VARCHAR(32) NOT NULL,
  at BIGINT NOT NULL,
  by_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note_sealed BLOB,
  PRIMARY KEY (repair_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS repair_steps;
DROP TABLE IF EXISTS repair_media;
DROP TABLE IF EXISTS repairs;
