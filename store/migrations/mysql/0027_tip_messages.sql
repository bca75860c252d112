-- The conversation between a tip's reporter and the station, notes of police about it, and prepared texts. ordinal counts
-- the messages of one tip from 1. text_sealed is sealed by the vault, content_sealed to the station's key; a message has at
-- most one of them. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_messages (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  from_reporter TINYINT(1) NOT NULL,
  author_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  text_sealed BLOB,
  content_sealed BLOB,
  sent_at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tip_messages_tip_id_ordinal (tip_id, ordinal),
  KEY ix_tip_messages_tip_id_read_at_from_reporter (tip_id, read_at, from_reporter)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS tip_message_media (
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  PRIMARY KEY (media_id),
  KEY ix_tip_message_media_message_id (message_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS tip_notes (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  text_sealed BLOB NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_tip_notes_tip_id_order_id (tip_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS quick_answers (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  text_zh VARCHAR(1000) NOT NULL,
  text_en VARCHAR(1000) NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  PRIMARY KEY (station_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS quick_answers;
DROP TABLE IF EXISTS tip_notes;
DROP TABLE IF EXISTS tip_message_media;
DROP TABLE IF EXISTS tip_messages;
