-- The station's own systems that are told of alerts, and how often people are sent messages. Times (*_at, *_ends, *_since) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_webhooks (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  name TEXT NOT NULL,
  url_sealed BLOB NOT NULL,
  secret_sealed BLOB NOT NULL,
  before_sealed BLOB,
  before_ends INTEGER NOT NULL,
  severities TEXT NOT NULL,
  kinds TEXT NOT NULL,
  failures INTEGER NOT NULL,
  failing_since INTEGER NOT NULL,
  retry_at INTEGER NOT NULL,
  succeeded_at INTEGER NOT NULL,
  disabled_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_alert_webhooks_station_id_id ON alert_webhooks (station_id, id);
CREATE INDEX IF NOT EXISTS ix_alert_webhooks_disabled_at_failing_since ON alert_webhooks (disabled_at, failing_since);
-- How many messages a person was sent on a day (of UTC, which in China ends at eight in the morning: a night is one day).
CREATE TABLE IF NOT EXISTS text_counts (
  person_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (person_id, day)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_text_counts_day ON text_counts (day);

-- +goose Down
DROP TABLE IF EXISTS text_counts;
DROP TABLE IF EXISTS alert_webhooks;
