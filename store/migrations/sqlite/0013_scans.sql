-- What scans are worth: when they happened by the corrected clock, rotating codes, corrections. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS check_in_corrections (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  check_in_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  status TEXT NOT NULL,
  reason_sealed BLOB,
  proposer_id TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  decider_id TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  decision_reason_sealed BLOB,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_check_in_corrections_check_in_id_decided_at ON check_in_corrections (check_in_id, decided_at);
CREATE INDEX IF NOT EXISTS ix_check_in_corrections_station_id_order_id ON check_in_corrections (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_check_in_corrections_compound_id_order_id ON check_in_corrections (compound_id, order_id);
ALTER TABLE check_ins ADD COLUMN occurred_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE check_ins ADD COLUMN fixed_at INTEGER NOT NULL DEFAULT 0;
UPDATE check_ins SET occurred_at = captured_at WHERE occurred_at = 0;
ALTER TABLE checkpoints ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE checkpoints ADD COLUMN generation_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE checkpoints DROP COLUMN generation_at;
ALTER TABLE checkpoints DROP COLUMN generation;
ALTER TABLE check_ins DROP COLUMN fixed_at;
ALTER TABLE check_ins DROP COLUMN occurred_at;
DROP TABLE IF EXISTS check_in_corrections;
