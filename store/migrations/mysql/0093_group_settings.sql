-- How long a station keeps what is written in its groups, and what is looked for by time: old messages of one station, and
-- acknowledgements that came a moment ago.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- Each change is made only where it is missing, as MySQL commits each statement by itself.
-- +goose Up
CREATE TABLE IF NOT EXISTS group_settings (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version BIGINT NOT NULL,
  keep_days INT NOT NULL,
  before_days INT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (station_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'group_messages' AND index_name = 'ix_group_messages_station_id_sent_at') = 0,
  'ALTER TABLE group_messages ADD KEY ix_group_messages_station_id_sent_at (station_id, sent_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'group_messages' AND index_name = 'ix_group_messages_sent_at') > 0,
  'ALTER TABLE group_messages DROP KEY ix_group_messages_sent_at',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'group_acknowledgements' AND index_name = 'ix_group_acknowledgements_at') = 0,
  'ALTER TABLE group_acknowledgements ADD KEY ix_group_acknowledgements_at (at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE group_acknowledgements DROP KEY ix_group_acknowledgements_at;
ALTER TABLE group_messages ADD KEY ix_group_messages_sent_at (sent_at), DROP KEY ix_group_messages_station_id_sent_at;
DROP TABLE IF EXISTS group_settings;
