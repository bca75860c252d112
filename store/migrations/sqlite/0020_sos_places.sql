-- How old the place of a caller for help is, why a call has ended, and the class of distance that others are told.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
ALTER TABLE sos ADD COLUMN fixed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sos ADD COLUMN end_reason TEXT NOT NULL DEFAULT '';
UPDATE sos SET fixed_at = raised_at WHERE fixed_at = 0 AND lat IS NOT NULL;
ALTER TABLE sos_positions ADD COLUMN fixed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sos_positions ADD COLUMN phone_at INTEGER NOT NULL DEFAULT 0;
UPDATE sos_positions SET fixed_at = at, phone_at = at WHERE phone_at = 0;
ALTER TABLE sos_helpers ADD COLUMN class_m REAL;
ALTER TABLE sos_helpers ADD COLUMN class_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS ix_sos_ended_at_changed_at ON sos (ended_at, changed_at);
DROP INDEX IF EXISTS ix_sos_ended_at;

-- +goose Down
CREATE INDEX IF NOT EXISTS ix_sos_ended_at ON sos (ended_at);
DROP INDEX IF EXISTS ix_sos_ended_at_changed_at;
ALTER TABLE sos_helpers DROP COLUMN class_at;
ALTER TABLE sos_helpers DROP COLUMN class_m;
ALTER TABLE sos_positions DROP COLUMN phone_at;
ALTER TABLE sos_positions DROP COLUMN fixed_at;
ALTER TABLE sos DROP COLUMN end_reason;
ALTER TABLE sos DROP COLUMN fixed_at;
