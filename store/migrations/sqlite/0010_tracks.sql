-- Positions of people during a round. Times (*_at) are Unix milliseconds, UTC. Of the positions of one person, one start
-- of the phone (boot_id, '' where it did not say) and one slot of its clock only that of the smallest rank_id is kept.
-- +goose Up
CREATE TABLE IF NOT EXISTS track_points (
  person_id TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  slot INTEGER NOT NULL,
  rank_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  station_id TEXT NOT NULL,
  round_id TEXT NOT NULL,
  lat REAL NOT NULL,
  lng REAL NOT NULL,
  accuracy_m REAL NOT NULL,
  is_mock INTEGER NOT NULL,
  speed_mps REAL,
  crs TEXT NOT NULL,
  source TEXT NOT NULL,
  phone_at INTEGER NOT NULL,
  monotonic_ms INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (person_id, boot_id, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_track_points_person_id_at ON track_points (person_id, at);
CREATE INDEX IF NOT EXISTS ix_track_points_station_id_at ON track_points (station_id, at);
CREATE INDEX IF NOT EXISTS ix_track_points_round_id_at ON track_points (round_id, at);

-- +goose Down
DROP TABLE IF EXISTS track_points;
