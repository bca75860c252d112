-- Who reported a hidden tip, encrypted to the station's key, and the consent of two officers by which it opens.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS hidden_tips (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  identity_sealed BLOB NOT NULL,
  PRIMARY KEY (tip_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS identity_openings (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asked_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_sealed BLOB NOT NULL,
  asked_at BIGINT NOT NULL,
  approved_by CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approved_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_identity_openings_tip_id_id (tip_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS identity_openings;
DROP TABLE IF EXISTS hidden_tips;
