-- Property confirms whose a vehicle is. Until then several people may have written down the same plate; of those confirmed, a
-- compound has one of each plate and tag (*_held, NULL until then). Those of before count as confirmed. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none.
-- +goose Up
ALTER TABLE vehicles ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vehicles ADD COLUMN plate_held BLOB;
ALTER TABLE vehicles ADD COLUMN tag_held BLOB;
UPDATE vehicles SET confirmed_at = created_at, plate_held = plate_hash, tag_held = tag_hash;
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_plate_held ON vehicles (compound_id, plate_held);
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_tag_held ON vehicles (compound_id, tag_held);
DROP INDEX IF EXISTS ux_vehicles_compound_id_plate_hash;
DROP INDEX IF EXISTS ux_vehicles_compound_id_tag_hash;

-- +goose Down
-- Only one of each plate and tag can stay.
UPDATE vehicles SET plate_hash = plate_held, tag_hash = tag_held;
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_plate_hash ON vehicles (compound_id, plate_hash);
CREATE UNIQUE INDEX IF NOT EXISTS ux_vehicles_compound_id_tag_hash ON vehicles (compound_id, tag_hash);
DROP INDEX IF EXISTS ux_vehicles_compound_id_plate_held;
DROP INDEX IF EXISTS ux_vehicles_compound_id_tag_held;
ALTER TABLE vehicles DROP COLUMN tag_held;
ALTER TABLE vehicles DROP COLUMN plate_held;
ALTER TABLE vehicles DROP COLUMN confirmed_at;
