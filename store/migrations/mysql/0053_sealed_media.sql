-- Media of reporters whom nobody knows: sealer says which key opens the file, '' for one that lies in the open.
-- Tips that civic apps brought get their own word.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'media' AND column_name = 'sealer') = 0,
  'ALTER TABLE media ADD COLUMN sealer VARCHAR(16) NOT NULL DEFAULT ''''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE tips SET reporting = 'civic_app' WHERE id IN (SELECT tip_id FROM open311_tips);

-- +goose Down
UPDATE tips SET reporting = 'named' WHERE reporting = 'civic_app';
ALTER TABLE media DROP COLUMN sealer;
