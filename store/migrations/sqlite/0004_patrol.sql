-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS checkpoints (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  name TEXT NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  radius_m INTEGER NOT NULL,
  methods TEXT NOT NULL,
  nfc_mac BLOB,
  key_place INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_checkpoints_station_id_id ON checkpoints (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_checkpoints_station_id_name ON checkpoints (station_id, name);
CREATE TABLE IF NOT EXISTS routes (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name TEXT NOT NULL,
  direction TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_routes_station_id_id ON routes (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_routes_station_id_name ON routes (station_id, name);
CREATE TABLE IF NOT EXISTS route_checkpoints (
  route_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  checkpoint_id TEXT NOT NULL,
  PRIMARY KEY (route_id, ordinal)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_route_checkpoints_checkpoint_id ON route_checkpoints (checkpoint_id);
-- order_id is a version 7 UUID made of captured_at and the phone's id: one time-ordered
-- column per scope, so that every page of a list costs the same.
CREATE TABLE IF NOT EXISTS check_ins (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  round_id TEXT NOT NULL,
  method TEXT NOT NULL,
  lat REAL,
  lng REAL,
  accuracy_m REAL NOT NULL,
  crs TEXT NOT NULL,
  is_mock INTEGER NOT NULL,
  captured_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  reasons TEXT NOT NULL,
  distance_m REAL,
  note_sealed BLOB,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_check_ins_station_id_order_id ON check_ins (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_check_ins_compound_id_order_id ON check_ins (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_check_ins_checkpoint_id_order_id ON check_ins (checkpoint_id, order_id);
CREATE INDEX IF NOT EXISTS ix_check_ins_person_id_order_id ON check_ins (person_id, order_id);

-- +goose Down
DROP TABLE IF EXISTS check_ins;
DROP TABLE IF EXISTS route_checkpoints;
DROP TABLE IF EXISTS routes;
DROP TABLE IF EXISTS checkpoints;
