-- Terminals' reports of persons of concern, the sources they may come from, and what became of them. Times are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS concern_sources (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(200) NOT NULL,
  reason_sealed BLOB,
  proposed_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposer_role VARCHAR(32) NOT NULL,
  proposed_at BIGINT NOT NULL,
  valid_until BIGINT NOT NULL,
  approved_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approved_at BIGINT NOT NULL,
  revoked_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revoked_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_concern_sources_station_id_id (station_id, id),
  KEY ix_concern_sources_compound_id_id (compound_id, id),
  KEY ix_concern_sources_device_id (device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
-- confidence in thousandths, -1 where the terminal says none. picture_sealed is a reference, never a picture.
CREATE TABLE IF NOT EXISTS concern_reports (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  building_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  home_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  terminal VARCHAR(64) NOT NULL,
  occurred_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  confidence INT NOT NULL,
  picture_sealed BLOB,
  state VARCHAR(32) NOT NULL,
  seen_at BIGINT NOT NULL,
  decided_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_at BIGINT NOT NULL,
  reason_sealed BLOB,
  forget_at BIGINT NOT NULL,
  picture_until BIGINT NOT NULL,
  body_hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_concern_reports_station_id_order_id (station_id, order_id),
  KEY ix_concern_reports_compound_id_order_id (compound_id, order_id),
  KEY ix_concern_reports_forget_at (forget_at),
  KEY ix_concern_reports_picture_until (picture_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS concern_figures (
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  device_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reports INT NOT NULL,
  late INT NOT NULL,
  refused INT NOT NULL,
  confirmed INT NOT NULL,
  dismissed INT NOT NULL,
  expired INT NOT NULL,
  PRIMARY KEY (station_id, month, device_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS concern_figures;
DROP TABLE IF EXISTS concern_reports;
DROP TABLE IF EXISTS concern_sources;
