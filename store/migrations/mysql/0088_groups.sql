-- The security groups of compounds. A group has the id of its compound, its members are who holds certain roles there.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- One row per group that was written in: where its messages are up to. It outlives the messages, so that no ordinal comes twice.
CREATE TABLE IF NOT EXISTS group_heads (
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_ordinal INT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (compound_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS group_messages (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  author_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author_role VARCHAR(32) NOT NULL,
  text_sealed BLOB,
  reply_to_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  notice TINYINT NOT NULL,
  due_at BIGINT NOT NULL,
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sent_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  hidden_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ux_group_messages_compound_id_ordinal (compound_id, ordinal),
  KEY ix_group_messages_sent_at (sent_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- A photo is of one message: it is not passed on.
CREATE TABLE IF NOT EXISTS group_message_media (
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  PRIMARY KEY (media_id),
  KEY ix_group_message_media_message_id_ordinal (message_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS group_acknowledgements (
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role VARCHAR(32) NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (message_id, person_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- Up to where somebody has read.
CREATE TABLE IF NOT EXISTS group_marks (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  read_to INT NOT NULL,
  PRIMARY KEY (person_id, compound_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS group_marks;
DROP TABLE IF EXISTS group_acknowledgements;
DROP TABLE IF EXISTS group_message_media;
DROP TABLE IF EXISTS group_messages;
DROP TABLE IF EXISTS group_heads;
