-- How many people an alert's sender named: the names themselves are kept as its recipients only.
-- Made only where it is missing, as MySQL commits each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'alerts' AND column_name = 'named') = 0,
  'ALTER TABLE alerts ADD COLUMN named INT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE alerts DROP COLUMN named;
