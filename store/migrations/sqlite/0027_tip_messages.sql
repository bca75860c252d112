-- The conversation between a tip's reporter and the station, notes of police about it, and prepared texts. ordinal counts
-- the messages of one tip from 1. text_sealed is sealed by the vault, content_sealed to the station's key; a message has at
-- most one of them. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_messages (
  id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  from_reporter INTEGER NOT NULL,
  author_id TEXT NOT NULL,
  text_sealed BLOB,
  content_sealed BLOB,
  sent_at INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_tip_messages_tip_id_ordinal ON tip_messages (tip_id, ordinal);
CREATE INDEX IF NOT EXISTS ix_tip_messages_tip_id_read_at_from_reporter ON tip_messages (tip_id, read_at, from_reporter);
CREATE TABLE IF NOT EXISTS tip_message_media (
  media_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (media_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tip_message_media_message_id ON tip_message_media (message_id);
CREATE TABLE IF NOT EXISTS tip_notes (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  text_sealed BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tip_notes_tip_id_order_id ON tip_notes (tip_id, order_id);
CREATE TABLE IF NOT EXISTS quick_answers (
  station_id TEXT NOT NULL,
  id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL,
  PRIMARY KEY (station_id, id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS quick_answers;
DROP TABLE IF EXISTS tip_notes;
DROP TABLE IF EXISTS tip_message_media;
DROP TABLE IF EXISTS tip_messages;
