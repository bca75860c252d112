-- The security groups of compounds. A group has the id of its compound, its members are who holds certain roles there.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- One row per group that was written in: where its messages are up to. It outlives the messages, so that no ordinal comes twice.
CREATE TABLE IF NOT EXISTS group_heads (
  compound_id TEXT NOT NULL,
  last_ordinal INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (compound_id)
) STRICT;
CREATE TABLE IF NOT EXISTS group_messages (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  author_id TEXT NOT NULL,
  author_role TEXT NOT NULL,
  text_sealed BLOB,
  reply_to_id TEXT NOT NULL,
  notice INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  alert_id TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL,
  hidden_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS ux_group_messages_compound_id_ordinal ON group_messages (compound_id, ordinal);
CREATE INDEX IF NOT EXISTS ix_group_messages_sent_at ON group_messages (sent_at);
-- A photo is of one message: it is not passed on.
CREATE TABLE IF NOT EXISTS group_message_media (
  media_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  PRIMARY KEY (media_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_group_message_media_message_id_ordinal ON group_message_media (message_id, ordinal);
CREATE TABLE IF NOT EXISTS group_acknowledgements (
  message_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  role TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (message_id, person_id)
) STRICT;
-- Up to where somebody has read.
CREATE TABLE IF NOT EXISTS group_marks (
  person_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  read_to INTEGER NOT NULL,
  PRIMARY KEY (person_id, compound_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS group_marks;
DROP TABLE IF EXISTS group_acknowledgements;
DROP TABLE IF EXISTS group_message_media;
DROP TABLE IF EXISTS group_messages;
DROP TABLE IF EXISTS group_heads;
