-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- An alert, who it is for, and what is to be sent to which phone: written in the transaction of its cause.
CREATE TABLE IF NOT EXISTS alerts (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  compound_id TEXT NOT NULL,
  building_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  home_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  title_sealed BLOB NOT NULL,
  body_sealed BLOB NOT NULL,
  roles TEXT NOT NULL,
  sender_id TEXT NOT NULL,
  about_id TEXT NOT NULL,
  requires_ack INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_alerts_station_id_id ON alerts (station_id, id);
CREATE INDEX IF NOT EXISTS ix_alerts_compound_id_id ON alerts (compound_id, id);
CREATE TABLE IF NOT EXISTS inbox_items (
  person_id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  acknowledged_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, alert_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_inbox_items_alert_id ON inbox_items (alert_id);
CREATE TABLE IF NOT EXISTS deliveries (
  id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  installation_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  lease_owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  reason TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_deliveries_state_urgency_next_at ON deliveries (state, urgency, next_at);
CREATE UNIQUE INDEX IF NOT EXISTS uq_deliveries_alert_id_person_id_installation_id ON deliveries (alert_id, person_id, installation_id);

-- +goose Down
DROP TABLE IF EXISTS deliveries;
DROP TABLE IF EXISTS inbox_items;
DROP TABLE IF EXISTS alerts;
