-- What was found on patrol. Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- order_id is a version 7 UUID made of found_at and the phone's id.
-- +goose Up
CREATE TABLE IF NOT EXISTS findings (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  compound_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  finder_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) NOT NULL,
  description_sealed BLOB NOT NULL,
  lat DOUBLE,
  lng DOUBLE,
  accuracy_m DOUBLE NOT NULL,
  crs VARCHAR(16) NOT NULL,
  is_mock TINYINT NOT NULL,
  checkpoint_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  round_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  found_at BIGINT NOT NULL,
  phone_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  state VARCHAR(32) NOT NULL,
  dismissed_reason VARCHAR(32) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_findings_order_id (order_id),
  KEY ix_findings_station_id_order_id (station_id, order_id),
  KEY ix_findings_compound_id_order_id (compound_id, order_id),
  KEY ix_findings_finder_id_order_id (finder_id, order_id),
  KEY ix_findings_checkpoint_id_order_id (checkpoint_id, order_id),
  KEY ix_findings_round_id_order_id (round_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS finding_media (
  finding_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  media_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (finding_id, ordinal),
  KEY ix_finding_media_media_id (media_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS finding_steps (
  finding_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ordinal INT NOT NULL,
  state VARCHAR(32) NOT NULL,
  by_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note_sealed BLOB,
  at BIGINT NOT NULL,
  PRIMARY KEY (finding_id, ordinal)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS finding_steps;
DROP TABLE IF EXISTS finding_media;
DROP TABLE IF EXISTS findings;
