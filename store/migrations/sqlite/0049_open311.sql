-- Civic apps that may send requests, and which tips came from them. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS open311_keys (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mac BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_open311_keys_mac ON open311_keys (mac);
CREATE INDEX IF NOT EXISTS ix_open311_keys_station_id ON open311_keys (station_id);
CREATE TABLE IF NOT EXISTS open311_tips (
  tip_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  PRIMARY KEY (tip_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS open311_tips;
DROP TABLE IF EXISTS open311_keys;
