-- What phones have: one manifest for each token that a phone may come with. The id is the token and tells its time.
-- +goose Up
CREATE TABLE IF NOT EXISTS sync_manifests (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parent_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  manifest MEDIUMBLOB NOT NULL,
  PRIMARY KEY (id),
  KEY ix_sync_manifests_person_id_id (person_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS sync_manifests;
