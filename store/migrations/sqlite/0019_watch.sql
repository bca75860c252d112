-- What is wrong about patrol: missed stops, rounds not started, street posts left, key places where nobody was.
-- Times (*_at) are Unix milliseconds, UTC; 0 means none. An empty id means none.
-- ended_at is part of the unique key: a subject has one open concern, and any number that have ended.
-- +goose Up
CREATE TABLE IF NOT EXISTS watch_concerns (
  id TEXT NOT NULL,
  station_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  squad_id TEXT NOT NULL,
  round_id TEXT NOT NULL,
  place_id TEXT NOT NULL,
  leader_id TEXT NOT NULL,
  name TEXT NOT NULL,
  round_name TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  lapses_at INTEGER NOT NULL,
  leader_alert_id TEXT NOT NULL,
  told_leader_at INTEGER NOT NULL,
  commander_alert_id TEXT NOT NULL,
  told_commander_at INTEGER NOT NULL,
  climbs_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS uq_watch_concerns_station_id_subject_ended_at ON watch_concerns (station_id, subject, ended_at);
CREATE INDEX IF NOT EXISTS ix_watch_concerns_station_id_id ON watch_concerns (station_id, id);
CREATE INDEX IF NOT EXISTS ix_watch_concerns_squad_id_id ON watch_concerns (squad_id, id);
CREATE INDEX IF NOT EXISTS ix_watch_concerns_leader_id_id ON watch_concerns (leader_id, id);
CREATE INDEX IF NOT EXISTS ix_watch_concerns_ended_at_station_id ON watch_concerns (ended_at, station_id);

-- +goose Down
DROP TABLE IF EXISTS watch_concerns;
