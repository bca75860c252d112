-- Apps of others that report positions. Times (*_at) are Unix milliseconds, UTC; 0 means none.
-- +goose Up
CREATE TABLE IF NOT EXISTS trackers (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  station_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_sealed BLOB NOT NULL,
  kind VARCHAR(16) NOT NULL,
  secret_mac BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  KEY ix_trackers_person_id_id (person_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS trackers;
