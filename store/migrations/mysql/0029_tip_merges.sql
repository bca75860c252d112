-- Which tip was merged into which. A tip is merged once; the one it went into is not itself merged.
-- +goose Up
CREATE TABLE IF NOT EXISTS tip_merges (
  tip_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  into_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  by_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tip_id),
  KEY ix_tip_merges_into_id (into_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE IF EXISTS tip_merges;
