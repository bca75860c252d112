-- What a station asks about each kind of tip, one row a version; those that came with the program have none until they are changed.
-- questions is JSON. A tip keeps the version that its answers are to, the answers, sealed, and whether its category was public when it was
-- sent. Times (*_at) are Unix milliseconds, UTC.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_categories (
  station_id TEXT NOT NULL,
  code TEXT NOT NULL,
  version INTEGER NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  is_public INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  questions TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (station_id, code, version)
) STRICT;
ALTER TABLE tips ADD COLUMN category_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tips ADD COLUMN is_public INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tips ADD COLUMN answers_sealed BLOB;
UPDATE tips SET is_public = 1 WHERE category = 'hazard';

-- +goose Down
ALTER TABLE tips DROP COLUMN answers_sealed;
ALTER TABLE tips DROP COLUMN is_public;
ALTER TABLE tips DROP COLUMN category_version;
DROP TABLE IF EXISTS tip_categories;
