-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS media (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  blob_name VARCHAR(128) NOT NULL,
  content_type VARCHAR(32) NOT NULL,
  width INT NOT NULL,
  height INT NOT NULL,
  bytes INT NOT NULL,
  sha256 VARBINARY(32) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_media_owner_id_id (owner_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- order_id is made by the server when the tip arrives; id is the phone's.
CREATE TABLE IF NOT EXISTS tips (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reporter_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category VARCHAR(32) NOT NULL,
  description_sealed BLOB NOT NULL,
  lat DOUBLE,
  lng DOUBLE,
  accuracy_m DOUBLE NOT NULL,
  crs VARCHAR(16) NOT NULL,
  occurred_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  state VARCHAR(32) NOT NULL,
  closed_reason VARCHAR(32) NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_tips_station_id_order_id (station_id, order_id),
  KEY ix_tips_compound_id_order_id (compound_id, order_id),
  KEY ix_tips_reporter_id_order_id (reporter_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS tip_media (
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  PRIMARY KEY (media_id),
  KEY ix_tip_media_tip_id (tip_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS tip_steps (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  state VARCHAR(32) NOT NULL,
  by_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note_sealed BLOB,
  at BIGINT NOT NULL,
  PRIMARY KEY (tip_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS tip_steps;
DROP TABLE IF EXISTS tip_media;
DROP TABLE IF EXISTS tips;
DROP TABLE IF EXISTS media;
