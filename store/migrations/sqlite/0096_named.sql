-- How many people an alert's sender named: the names themselves are kept as its recipients only.
-- +goose Up
ALTER TABLE alerts ADD COLUMN named INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE alerts DROP COLUMN named;
