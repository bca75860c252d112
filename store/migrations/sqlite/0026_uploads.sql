-- Files on their way in parts, sealed originals, and what a photo's EXIF said. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  length INTEGER NOT NULL,
  received INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_uploads_owner_id_id ON uploads (owner_id, id);
CREATE INDEX IF NOT EXISTS ix_uploads_expires_at ON uploads (expires_at);
CREATE TABLE IF NOT EXISTS upload_parts (
  id TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  start INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  blob_name TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_upload_parts_upload_id_start ON upload_parts (upload_id, start);
-- A row stands here before its blob does, so that no blob is ever left behind unknown.
CREATE TABLE IF NOT EXISTS media_originals (
  id TEXT NOT NULL,
  media_id TEXT NOT NULL,
  blob_name TEXT NOT NULL,
  sealer TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  kept INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_media_originals_media_id ON media_originals (media_id);
CREATE INDEX IF NOT EXISTS ix_media_originals_kept_created_at ON media_originals (kept, created_at);
-- taken_sealed is when and where by the EXIF; it goes when the tip comes, and only what follows from it stays.
CREATE TABLE IF NOT EXISTS media_signals (
  media_id TEXT NOT NULL,
  taken_sealed BLOB,
  has_gps INTEGER NOT NULL,
  taken_minutes_before INTEGER,
  gps_distance_m INTEGER,
  PRIMARY KEY (media_id)
) STRICT;
ALTER TABLE media ADD COLUMN duration_ms INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE media DROP COLUMN duration_ms;
DROP TABLE IF EXISTS media_signals;
DROP TABLE IF EXISTS media_originals;
DROP TABLE IF EXISTS upload_parts;
DROP TABLE IF EXISTS uploads;
