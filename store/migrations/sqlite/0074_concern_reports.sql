-- Terminals' reports of persons of concern, the sources they may come from, and what became of them. Times are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS concern_sources (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  name TEXT NOT NULL,
  reason_sealed BLOB,
  proposed_by TEXT NOT NULL,
  proposer_role TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  approved_by TEXT NOT NULL,
  approved_at INTEGER NOT NULL,
  revoked_by TEXT NOT NULL,
  revoked_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_concern_sources_station_id_id ON concern_sources (station_id, id);
CREATE INDEX IF NOT EXISTS ix_concern_sources_compound_id_id ON concern_sources (compound_id, id);
CREATE INDEX IF NOT EXISTS ix_concern_sources_device_id ON concern_sources (device_id);
-- confidence in thousandths, -1 where the terminal says none. picture_sealed is a reference, never a picture.
CREATE TABLE IF NOT EXISTS concern_reports (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  terminal TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  confidence INTEGER NOT NULL,
  picture_sealed BLOB,
  state TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  decided_by TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  reason_sealed BLOB,
  forget_at INTEGER NOT NULL,
  picture_until INTEGER NOT NULL,
  body_hash BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_concern_reports_station_id_order_id ON concern_reports (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_concern_reports_compound_id_order_id ON concern_reports (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_concern_reports_forget_at ON concern_reports (forget_at);
CREATE INDEX IF NOT EXISTS ix_concern_reports_picture_until ON concern_reports (picture_until);
CREATE TABLE IF NOT EXISTS concern_figures (
  station_id TEXT NOT NULL,
  month TEXT NOT NULL,
  device_id TEXT NOT NULL,
  reports INTEGER NOT NULL,
  late INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  dismissed INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  PRIMARY KEY (station_id, month, device_id)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS concern_figures;
DROP TABLE IF EXISTS concern_reports;
DROP TABLE IF EXISTS concern_sources;
