-- Workers claim deliveries channel by channel and urgency by urgency, so that neither a provider that is away nor a backlog is in
-- another's way. spent: attempts that counted.
-- +goose Up
ALTER TABLE deliveries ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET spent = attempt WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS ix_deliveries_state_channel_urgency_next_at ON deliveries (state, channel, urgency, next_at);
DROP INDEX IF EXISTS ix_deliveries_state_urgency_next_at;

-- +goose Down
CREATE INDEX IF NOT EXISTS ix_deliveries_state_urgency_next_at ON deliveries (state, urgency, next_at);
DROP INDEX IF EXISTS ix_deliveries_state_channel_urgency_next_at;
ALTER TABLE deliveries DROP COLUMN spent;
