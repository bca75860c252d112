-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS checkpoints (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  lat DOUBLE NOT NULL,
  lng DOUBLE NOT NULL,
  radius_m INT NOT NULL,
  methods VARCHAR(64) NOT NULL,
  nfc_mac VARBINARY(32),
  key_place TINYINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_checkpoints_station_id_id (station_id, id),
  UNIQUE KEY uq_checkpoints_station_id_name (station_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS routes (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  direction VARCHAR(32) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_routes_station_id_id (station_id, id),
  UNIQUE KEY uq_routes_station_id_name (station_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS route_checkpoints (
  route_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (route_id, ordinal),
  KEY ix_route_checkpoints_checkpoint_id (checkpoint_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- order_id is a version 7 UUID made of captured_at and the phone's id: one time-ordered
-- column per scope, so that every page of a list costs the same.
CREATE TABLE IF NOT EXISTS check_ins (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method VARCHAR(16) NOT NULL,
  lat DOUBLE,
  lng DOUBLE,
  accuracy_m DOUBLE NOT NULL,
  crs VARCHAR(16) NOT NULL,
  is_mock TINYINT NOT NULL,
  captured_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  status VARCHAR(16) NOT NULL,
  reasons VARCHAR(255) NOT NULL,
  distance_m DOUBLE,
  note_sealed BLOB,
  PRIMARY KEY (id),
  KEY ix_check_ins_station_id_order_id (station_id, order_id),
  KEY ix_check_ins_compound_id_order_id (compound_id, order_id),
  KEY ix_check_ins_checkpoint_id_order_id (checkpoint_id, order_id),
  KEY ix_check_ins_person_id_order_id (person_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS check_ins;
DROP TABLE IF EXISTS route_checkpoints;
DROP TABLE IF EXISTS routes;
DROP TABLE IF EXISTS checkpoints;
