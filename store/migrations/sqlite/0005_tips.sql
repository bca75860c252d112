-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS media (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  blob_name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_media_owner_id_id ON media (owner_id, id);
-- order_id is made by the server when the tip arrives; id is the phone's.
CREATE TABLE IF NOT EXISTS tips (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  reporter_id TEXT NOT NULL,
  category TEXT NOT NULL,
  description_sealed BLOB NOT NULL,
  lat REAL,
  lng REAL,
  accuracy_m REAL NOT NULL,
  crs TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  closed_reason TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tips_station_id_order_id ON tips (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_tips_compound_id_order_id ON tips (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_tips_reporter_id_order_id ON tips (reporter_id, order_id);
CREATE TABLE IF NOT EXISTS tip_media (
  media_id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (media_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tip_media_tip_id ON tip_media (tip_id);
CREATE TABLE IF NOT EXISTS tip_steps (
  tip_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  state TEXT NOT NULL,
  by_id TEXT NOT NULL,
  note_sealed BLOB,
  at INTEGER NOT NULL,
  PRIMARY KEY (tip_id, ordinal)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS tip_steps;
DROP TABLE IF EXISTS tip_media;
DROP TABLE IF EXISTS tips;
DROP TABLE IF EXISTS media;
