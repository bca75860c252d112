-- Who reported a hidden tip, encrypted to the station's key, and the consent of two officers by which it opens.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS hidden_tips (
  tip_id TEXT NOT NULL,
  identity_sealed BLOB NOT NULL,
  PRIMARY KEY (tip_id)
) STRICT;
CREATE TABLE IF NOT EXISTS identity_openings (
  id TEXT NOT NULL,
  tip_id TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  reason_sealed BLOB NOT NULL,
  asked_at INTEGER NOT NULL,
  approved_by TEXT NOT NULL,
  approved_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_identity_openings_tip_id_id ON identity_openings (tip_id, id);

-- +goose Down
DROP TABLE IF EXISTS identity_openings;
DROP TABLE IF EXISTS hidden_tips;
