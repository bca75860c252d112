-- Apps of others that report positions. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS trackers (
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name_sealed BLOB NOT NULL,
  kind TEXT NOT NULL,
  secret_mac BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_trackers_person_id_id ON trackers (person_id, id);

-- +goose Down
DROP TABLE IF EXISTS trackers;
