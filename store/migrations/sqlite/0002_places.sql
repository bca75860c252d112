-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- Places from the station down to the home. A row repeats the ids of everything it lies in,
-- so that a scope is one comparison and never a join.
CREATE TABLE IF NOT EXISTS stations (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE TABLE IF NOT EXISTS compounds (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_compounds_station_id_id ON compounds (station_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_compounds_station_id_name ON compounds (station_id, name);
CREATE TABLE IF NOT EXISTS buildings (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_buildings_compound_id_name ON buildings (compound_id, name);
CREATE TABLE IF NOT EXISTS units (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_units_building_id_name ON units (building_id, name);
CREATE TABLE IF NOT EXISTS homes (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_homes_station_id_id ON homes (station_id, id);
CREATE INDEX IF NOT EXISTS ix_homes_compound_id_id ON homes (compound_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_homes_unit_id_label ON homes (unit_id, label);

-- +goose Down
DROP TABLE IF EXISTS homes;
DROP TABLE IF EXISTS units;
DROP TABLE IF EXISTS buildings;
DROP TABLE IF EXISTS compounds;
DROP TABLE IF EXISTS stations;
