-- How long a station keeps what is written in its groups, and what is looked for by time: old messages of one station, and
-- acknowledgements that came a moment ago.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS group_settings (
  station_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  keep_days INTEGER NOT NULL,
  before_days INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (station_id)
) STRICT;
DROP INDEX IF EXISTS ix_group_messages_sent_at;
CREATE INDEX IF NOT EXISTS ix_group_messages_station_id_sent_at ON group_messages (station_id, sent_at);
CREATE INDEX IF NOT EXISTS ix_group_acknowledgements_at ON group_acknowledgements (at);

-- +goose Down
DROP INDEX IF EXISTS ix_group_acknowledgements_at;
DROP INDEX IF EXISTS ix_group_messages_station_id_sent_at;
CREATE INDEX IF NOT EXISTS ix_group_messages_sent_at ON group_messages (sent_at);
DROP TABLE IF EXISTS group_settings;
