-- What was found on patrol. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- order_id is a version 7 UUID made of found_at and the phone's id.
-- +goose Up
CREATE TABLE IF NOT EXISTS findings (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  finder_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  description_sealed BLOB NOT NULL,
  lat REAL,
  lng REAL,
  accuracy_m REAL NOT NULL,
  crs TEXT NOT NULL,
  is_mock INTEGER NOT NULL,
  checkpoint_id TEXT NOT NULL,
  round_id TEXT NOT NULL,
  found_at INTEGER NOT NULL,
  phone_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  dismissed_reason TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_findings_order_id ON findings (order_id);
CREATE INDEX IF NOT EXISTS ix_findings_station_id_order_id ON findings (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_findings_compound_id_order_id ON findings (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_findings_finder_id_order_id ON findings (finder_id, order_id);
CREATE INDEX IF NOT EXISTS ix_findings_checkpoint_id_order_id ON findings (checkpoint_id, order_id);
CREATE INDEX IF NOT EXISTS ix_findings_round_id_order_id ON findings (round_id, order_id);
CREATE TABLE IF NOT EXISTS finding_media (
  finding_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  media_id TEXT NOT NULL,
  PRIMARY KEY (finding_id, ordinal)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_finding_media_media_id ON finding_media (media_id);
CREATE TABLE IF NOT EXISTS finding_steps (
  finding_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  state TEXT NOT NULL,
  by_id TEXT NOT NULL,
  note_sealed BLOB,
  at INTEGER NOT NULL,
  PRIMARY KEY (finding_id, ordinal)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS finding_steps;
DROP TABLE IF EXISTS finding_media;
DROP TABLE IF EXISTS findings;
