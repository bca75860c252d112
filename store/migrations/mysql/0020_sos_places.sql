-- How old the place of a caller for help is, why a call has ended, and the class of distance that others are told.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. Each change is made only where it is missing, as MySQL commits
-- each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'sos' AND column_name = 'fixed_at') = 0,
  'ALTER TABLE sos ADD COLUMN fixed_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN end_reason VARCHAR(16) NOT NULL DEFAULT ''''',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE sos SET fixed_at = raised_at WHERE fixed_at = 0 AND lat IS NOT NULL;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'sos_positions' AND column_name = 'fixed_at') = 0,
  'ALTER TABLE sos_positions ADD COLUMN fixed_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN phone_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE sos_positions SET fixed_at = at, phone_at = at WHERE phone_at = 0;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'sos_helpers' AND column_name = 'class_m') = 0,
  'ALTER TABLE sos_helpers ADD COLUMN class_m DOUBLE, ADD COLUMN class_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'sos' AND index_name = 'ix_sos_ended_at_changed_at') = 0,
  'ALTER TABLE sos ADD KEY ix_sos_ended_at_changed_at (ended_at, changed_at), DROP KEY ix_sos_ended_at',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE sos DROP KEY ix_sos_ended_at_changed_at, ADD KEY ix_sos_ended_at (ended_at);
ALTER TABLE sos_helpers DROP COLUMN class_at, DROP COLUMN class_m;
ALTER TABLE sos_positions DROP COLUMN phone_at, DROP COLUMN fixed_at;
ALTER TABLE sos DROP COLUMN end_reason, DROP COLUMN fixed_at;
