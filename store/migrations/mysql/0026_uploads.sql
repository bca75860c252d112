-- Files on their way in parts, sealed originals, and what a photo's EXIF said. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS uploads (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  length BIGINT NOT NULL,
  received BIGINT NOT NULL,
  parts INT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_uploads_owner_id_id (owner_id, id),
  KEY ix_uploads_expires_at (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS upload_parts (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  upload_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  start BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  kept INT NOT NULL,
  blob_name VARCHAR(128) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_upload_parts_upload_id_start (upload_id, start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- A row stands here before its blob does, so that no blob is ever left behind unknown.
CREATE TABLE IF NOT EXISTS media_originals (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  blob_name VARCHAR(128) NOT NULL,
  sealer VARCHAR(16) NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 VARBINARY(32) NOT NULL,
  kept INT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_media_originals_media_id (media_id),
  KEY ix_media_originals_kept_created_at (kept, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- taken_sealed is when and where by the EXIF; it goes when the tip comes, and only what follows from it stays.
CREATE TABLE IF NOT EXISTS media_signals (
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  taken_sealed BLOB,
  has_gps INT NOT NULL,
  taken_minutes_before INT,
  gps_distance_m INT,
  PRIMARY KEY (media_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- MySQL has no "ADD COLUMN IF NOT EXISTS".
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'media' AND column_name = 'duration_ms') = 0,
  'ALTER TABLE media ADD COLUMN duration_ms INT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE media DROP COLUMN duration_ms;
DROP TABLE IF EXISTS media_signals;
DROP TABLE IF EXISTS media_originals;
DROP TABLE IF EXISTS upload_parts;
DROP TABLE IF EXISTS uploads;
