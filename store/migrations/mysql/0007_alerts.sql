-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
-- An alert, who it is for, and what is to be sent to which phone: written in the transaction of its cause.
CREATE TABLE IF NOT EXISTS alerts (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  severity VARCHAR(16) NOT NULL,
  title_sealed BLOB NOT NULL,
  body_sealed BLOB NOT NULL,
  roles VARCHAR(255) NOT NULL,
  sender_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  about_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  requires_ack TINYINT NOT NULL,
  recipients INT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_alerts_station_id_id (station_id, id),
  KEY ix_alerts_compound_id_id (compound_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS inbox_items (
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, alert_id),
  KEY ix_inbox_items_alert_id (alert_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS deliveries (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  alert_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  installation_id VARCHAR(128) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  urgency INT NOT NULL,
  state VARCHAR(16) NOT NULL,
  attempt INT NOT NULL,
  next_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  lease_owner VARCHAR(64) NOT NULL,
  lease_until BIGINT NOT NULL,
  reason VARCHAR(64) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_deliveries_state_urgency_next_at (state, urgency, next_at),
  UNIQUE KEY uq_deliveries_alert_id_person_id_installation_id (alert_id, person_id, installation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS deliveries;
DROP TABLE IF EXISTS inbox_items;
DROP TABLE IF EXISTS alerts;
