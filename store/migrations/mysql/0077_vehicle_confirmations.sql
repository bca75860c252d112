-- Property confirms whose a vehicle is. Until then several people may have written down the same plate; of those confirmed, a
-- compound has one of each plate and tag (*_held, NULL until then). Those of before count as confirmed. Times (*_at) are Unix
-- milliseconds, UTC; 0 means none.
-- +goose Up
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'vehicles' AND column_name = 'confirmed_at') = 0,
  'ALTER TABLE vehicles ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN plate_held VARBINARY(32), ADD COLUMN tag_held VARBINARY(32)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
-- While the old keys are there, nothing newer can be.
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'vehicles' AND index_name = 'ux_vehicles_compound_id_plate_hash') = 2,
  'UPDATE vehicles SET confirmed_at = created_at, plate_held = plate_hash, tag_held = tag_hash',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'vehicles' AND index_name = 'ux_vehicles_compound_id_plate_held') = 0,
  'ALTER TABLE vehicles ADD UNIQUE KEY ux_vehicles_compound_id_plate_held (compound_id, plate_held), ADD UNIQUE KEY ux_vehicles_compound_id_tag_held (compound_id, tag_held)',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
SET @step = IF(
  (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'vehicles' AND index_name = 'ux_vehicles_compound_id_plate_hash') = 2,
  'ALTER TABLE vehicles DROP KEY ux_vehicles_compound_id_plate_hash, DROP KEY ux_vehicles_compound_id_tag_hash',
  'DO 0');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

-- +goose Down
-- Only one of each plate and tag can stay.
UPDATE vehicles SET plate_hash = plate_held, tag_hash = tag_held;
ALTER TABLE vehicles
  ADD UNIQUE KEY ux_vehicles_compound_id_plate_hash (compound_id, plate_hash),
  ADD UNIQUE KEY ux_vehicles_compound_id_tag_hash (compound_id, tag_hash),
  DROP KEY ux_vehicles_compound_id_plate_held,
  DROP KEY ux_vehicles_compound_id_tag_held,
  DROP COLUMN confirmed_at,
  DROP COLUMN plate_held,
  DROP COLUMN tag_held;
