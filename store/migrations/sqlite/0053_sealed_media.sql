-- Media of reporters whom nobody knows: sealer says which key opens the file, '' for one that lies in the open.
-- Tips that civic apps brought get their own word.
-- +goose Up
ALTER TABLE media ADD COLUMN sealer TEXT NOT NULL DEFAULT '';
UPDATE tips SET reporting = 'civic_app' WHERE id IN (SELECT tip_id FROM open311_tips);

-- +goose Down
UPDATE tips SET reporting = 'named' WHERE reporting = 'civic_app';
ALTER TABLE media DROP COLUMN sealer;
