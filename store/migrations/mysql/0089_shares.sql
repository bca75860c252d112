-- Workers claim deliveries channel by channel and urgency by urgency, so that neither a provider that is away nor a backlog is in
-- another's way. spent: attempts that counted.
-- Each change is made only where it is missing, as MySQL commits each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND column_name = 'spent') = 0,
  'ALTER TABLE deliveries ADD COLUMN spent BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE deliveries SET spent = attempt WHERE state = 'queued' AND spent = 0;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'ix_deliveries_state_channel_urgency_next_at') = 0,
  'ALTER TABLE deliveries ADD KEY ix_deliveries_state_channel_urgency_next_at (state, channel, urgency, next_at)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'ix_deliveries_state_urgency_next_at') > 0,
  'ALTER TABLE deliveries DROP KEY ix_deliveries_state_urgency_next_at',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE deliveries ADD KEY ix_deliveries_state_urgency_next_at (state, urgency, next_at),
  DROP KEY ix_deliveries_state_channel_urgency_next_at, DROP COLUMN spent;
