-- What scans are worth: when they happened by the corrected clock, rotating codes, corrections. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none. An empty id means none. Columns are added only where they are missing, as MySQL commits
-- each statement by itself and has no ADD COLUMN IF NOT EXISTS.
-- +goose Up
CREATE TABLE IF NOT EXISTS check_in_corrections (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  check_in_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(16) NOT NULL,
  reason_sealed BLOB,
  proposer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposed_at BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  decider_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_at BIGINT NOT NULL,
  decision_reason_sealed BLOB,
  PRIMARY KEY (id),
  KEY ix_check_in_corrections_check_in_id_decided_at (check_in_id, decided_at),
  KEY ix_check_in_corrections_station_id_order_id (station_id, order_id),
  KEY ix_check_in_corrections_compound_id_order_id (compound_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'check_ins' AND column_name = 'occurred_at') = 0,
  'ALTER TABLE check_ins ADD COLUMN occurred_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN fixed_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
UPDATE check_ins SET occurred_at = captured_at WHERE occurred_at = 0;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'checkpoints' AND column_name = 'generation') = 0,
  'ALTER TABLE checkpoints ADD COLUMN generation INT NOT NULL DEFAULT 0, ADD COLUMN generation_at BIGINT NOT NULL DEFAULT 0',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
ALTER TABLE checkpoints DROP COLUMN generation_at, DROP COLUMN generation;
ALTER TABLE check_ins DROP COLUMN fixed_at, DROP COLUMN occurred_at;
DROP TABLE IF EXISTS check_in_corrections;
