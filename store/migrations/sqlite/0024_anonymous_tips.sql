-- Tips without a name. content_sealed is encrypted to the station's key and opens nowhere here; receipt_hash is argon2id.
-- Times (*_at) are Unix milliseconds, UTC; those of anonymous tips are whole minutes.
-- +goose Up
CREATE TABLE IF NOT EXISTS station_keys (
  station_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  PRIMARY KEY (station_id)
) STRICT;
CREATE TABLE IF NOT EXISTS anonymous_tips (
  tip_id TEXT NOT NULL,
  receipt_hash BLOB NOT NULL,
  content_sealed BLOB NOT NULL,
  PRIMARY KEY (tip_id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_anonymous_tips_receipt_hash ON anonymous_tips (receipt_hash);
ALTER TABLE tips ADD COLUMN reporting TEXT NOT NULL DEFAULT 'named';

-- +goose Down
ALTER TABLE tips DROP COLUMN reporting;
DROP TABLE IF EXISTS anonymous_tips;
DROP TABLE IF EXISTS station_keys;
