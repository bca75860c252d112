-- What people in a compound want mended. Times (*_at, wish_*) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS repairs (
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  requester_id TEXT NOT NULL,
  category TEXT NOT NULL,
  note_sealed BLOB,
  spot_sealed BLOB,
  contact_sealed BLOB,
  wish_from INTEGER NOT NULL,
  wish_until INTEGER NOT NULL,
  state TEXT NOT NULL,
  assigned_to TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  climbs_at INTEGER NOT NULL,
  climb INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  done_at INTEGER NOT NULL,
  late INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body_hash BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_repairs_order_id ON repairs (order_id);
CREATE INDEX IF NOT EXISTS ix_repairs_station_id_order_id ON repairs (station_id, order_id);
CREATE INDEX IF NOT EXISTS ix_repairs_compound_id_order_id ON repairs (compound_id, order_id);
CREATE INDEX IF NOT EXISTS ix_repairs_requester_id_order_id ON repairs (requester_id, order_id);
CREATE INDEX IF NOT EXISTS ix_repairs_assigned_to_order_id ON repairs (assigned_to, order_id);
CREATE INDEX IF NOT EXISTS ix_repairs_climbs_at ON repairs (climbs_at);
-- stage: 0 as it was, 1 as it was done.
CREATE TABLE IF NOT EXISTS repair_media (
  repair_id TEXT NOT NULL,
  stage INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  media_id TEXT NOT NULL,
  PRIMARY KEY (repair_id, stage, ordinal)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_repair_media_media_id ON repair_media (media_id);
CREATE TABLE IF NOT EXISTS repair_steps (
  repair_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  note_sealed BLOB,
  PRIMARY KEY (repair_id, ordinal)
) STRICT;

-- +goose Down
DROP TABLE IF EXISTS repair_steps;
DROP TABLE IF EXISTS repair_media;
DROP TABLE IF EXISTS repairs;
