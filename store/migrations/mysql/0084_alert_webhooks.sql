-- The station's own systems that are told of alerts, and how often people are sent messages. Times (*_at, *_ends, *_since) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS alert_webhooks (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(64) NOT NULL,
  url_sealed VARBINARY(4096) NOT NULL,
  secret_sealed VARBINARY(512) NOT NULL,
  before_sealed VARBINARY(512),
  before_ends BIGINT NOT NULL,
  severities VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kinds VARCHAR(700) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  failures INT NOT NULL,
  failing_since BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  succeeded_at BIGINT NOT NULL,
  disabled_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_alert_webhooks_station_id_id (station_id, id),
  KEY ix_alert_webhooks_disabled_at_failing_since (disabled_at, failing_since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- How many messages a person was sent on a day (of UTC, which in China ends at eight in the morning: a night is one day).
CREATE TABLE IF NOT EXISTS text_counts (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day BIGINT NOT NULL,
  messages INT NOT NULL,
  PRIMARY KEY (person_id, day),
  KEY ix_text_counts_day (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS text_counts;
DROP TABLE IF EXISTS alert_webhooks;
