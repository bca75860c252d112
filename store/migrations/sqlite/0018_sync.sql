-- What phones have: one manifest for each token that a phone may come with. The id is the token and tells its time.
-- +goose Up
CREATE TABLE IF NOT EXISTS sync_manifests (
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  manifest BLOB NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_sync_manifests_person_id_id ON sync_manifests (person_id, id);

-- +goose Down
DROP TABLE IF EXISTS sync_manifests;
