-- Which tip was merged into which. A tip is merged once; the one it went into is not itself merged.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_merges (
  tip_id TEXT NOT NULL,
  into_id TEXT NOT NULL,
  by_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tip_id)
) STRICT;
CREATE INDEX IF NOT EXISTS ix_tip_merges_into_id ON tip_merges (into_id);

-- +goose Down
DROP TABLE IF EXISTS tip_merges;
