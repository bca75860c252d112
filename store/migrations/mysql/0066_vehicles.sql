-- Vehicles with their locks, and their arrivals at barriers. Times (*_at, *_from, *_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- word_*: the release word and who guessed at it.
CREATE TABLE IF NOT EXISTS vehicles (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  plate_sealed BLOB,
  plate_hash VARBINARY(32),
  tag_sealed BLOB,
  tag_hash VARBINARY(32),
  colour_sealed BLOB,
  model_sealed BLOB,
  shared TINYINT NOT NULL,
  locked TINYINT NOT NULL,
  locked_at BIGINT NOT NULL,
  unlocked_at BIGINT NOT NULL,
  word_mac VARBINARY(32),
  word_until BIGINT NOT NULL,
  word_wrong INT NOT NULL,
  word_wrong_from BIGINT NOT NULL,
  word_wrong_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ux_vehicles_compound_id_plate_hash (compound_id, plate_hash),
  UNIQUE KEY ux_vehicles_compound_id_tag_hash (compound_id, tag_hash),
  KEY ix_vehicles_station_id_id (station_id, id),
  KEY ix_vehicles_compound_id_id (compound_id, id),
  KEY ix_vehicles_home_id_id (home_id, id),
  KEY ix_vehicles_owner_id_id (owner_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- mark: plate or tag, as it was read last.
CREATE TABLE IF NOT EXISTS arrivals (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  direction VARCHAR(32) NOT NULL,
  lane VARCHAR(64) NOT NULL,
  mark_sealed BLOB,
  tag TINYINT NOT NULL,
  vehicle_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  like_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  pass_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decision VARCHAR(32) NOT NULL,
  reason VARCHAR(32) NOT NULL,
  opened TINYINT NOT NULL,
  opened_wrongly TINYINT NOT NULL,
  replayed TINYINT NOT NULL,
  read_count INT NOT NULL,
  last_sequence INT NOT NULL,
  read_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_arrivals_order_id (order_id),
  KEY ix_arrivals_station_id_order_id (station_id, order_id),
  KEY ix_arrivals_compound_id_order_id (compound_id, order_id),
  KEY ix_arrivals_owner_id_order_id (owner_id, order_id),
  KEY ix_arrivals_device_id_order_id (device_id, order_id),
  KEY ix_arrivals_vehicle_id_order_id (vehicle_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- confidence in thousandths.
CREATE TABLE IF NOT EXISTS plate_reads (
  arrival_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence INT NOT NULL,
  mark_sealed BLOB,
  tag TINYINT NOT NULL,
  confidence INT NOT NULL,
  decision VARCHAR(32) NOT NULL,
  reason VARCHAR(32) NOT NULL,
  read_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  replayed TINYINT NOT NULL,
  PRIMARY KEY (arrival_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS plate_reads;
DROP TABLE IF EXISTS arrivals;
DROP TABLE IF EXISTS vehicles;
