-- Vehicles with their locks, and their arrivals at barriers. Times (*_at, *_from, *_until) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- word_*: the release word and who guessed at it.
CREATE TABLE IF NOT EXISTS vehicles (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  plate_sealed BLOB,
  plate_hash BLOB,
  tag_sealed BLOB,
  tag_hash BLOB,
  colour_sealed BLOB,
  model_sealed BLOB,
  shared INTEGER NOT NULL,
  locked INTEGER NOT NULL,
  locked_at INTEGER NOT NULL,
  unlocked_at INTEGER NOT NULL,
  word_mac BLOB,
  word_until INTEGER NOT NULL,
  word_wrong INTEGER NOT NULL,
  word_wrong_from INTEGER NOT NULL,
  word_wrong_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_plate_hash ON vehicles (compound_id, plate_hash);
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_tag_hash ON vehicles (compound_id, tag_hash);
CREATE INDEX IF NOT EXISTS ix_vehicles_station_id_id ON vehicles (station_id, id);
CREATE INDEX IF NOT EXISTS ix_vehicles_compound_id_id ON vehicles (compound_id, id);
CREATE INDEX IF NOT EXISTS ix_vehicles_home_id_id ON vehicles (home_id, id);
CREATE INDEX IF NOT EXISTS ix_vehicles_owner_id_id ON vehicles (owner_id, id);
-- mark: plate or tag, as it was read last.
CREATE TABLE IF NOT EXISTS arrivals (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  lane TEXT NOT NULL,
  mark_sealed BLOB,
  tag INTEGER NOT NULL,
  vehicle_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  like_id TEXT NOT NULL,
  pass_id TEXT NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  opened INTEGER NOT NULL,
  opened_wrongly INTEGER NOT NULL,
  replayed INTEGER NOT NULL,
  read_count INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_arrivals_order_id ON arrivals (order_id);
CREATE INDEX IF NOT EXISTS ix_arrivals_station_id_order_id ON arrivals (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_arrivals_compound_id_order_id ON arrivals (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_arrivals_owner_id_order_id ON arrivals (owner_id, order_id);
CREATE INDEX IF NOT EXISTS ix_arrivals_device_id_order_id ON arrivals (device_id, order_id);
CREATE INDEX IF NOT EXISTS ix_arrivals_vehicle_id_order_id ON arrivals (vehicle_id, order_id);
-- confidence in thousandths.
CREATE TABLE IF NOT EXISTS plate_reads (
  arrival_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  mark_sealed BLOB,
  tag INTEGER NOT NULL,
  confidence INTEGER NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  read_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  replayed INTEGER NOT NULL,
  PRIMARY KEY (arrival_id, sequence)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS plate_reads;
DROP TABLE IF EXISTS arrivals;
DROP TABLE IF EXISTS vehicles;
