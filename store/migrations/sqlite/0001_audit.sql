-- +goose Up
CREATE TABLE IF NOT EXISTS audit_entries (
    station_id  TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    happened_at INTEGER NOT NULL,
    actor_id    TEXT    NOT NULL,
    actor_role  TEXT    NOT NULL,
    session_id  TEXT    NOT NULL,
    operation   TEXT    NOT NULL,
    object_kind TEXT    NOT NULL,
    object_id   TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    subjects    TEXT    NOT NULL,
    reason_hash BLOB    NOT NULL,
    facts       TEXT    NOT NULL,
    mac         BLOB    NOT NULL,
    sealed      INTEGER NOT NULL,
    PRIMARY KEY (station_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS audit_entries_unsealed ON audit_entries (station_id, id) WHERE sealed = 0;
CREATE INDEX IF NOT EXISTS audit_entries_object ON audit_entries (station_id, object_id, id);

CREATE TABLE IF NOT EXISTS audit_reasons (
    station_id TEXT NOT NULL,
    entry_id   TEXT NOT NULL,
    salt       BLOB NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (station_id, entry_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS audit_chain (
    station_id TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    entry_id   TEXT    NOT NULL,
    actor_id   TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    PRIMARY KEY (station_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS audit_chain_entry ON audit_chain (station_id, entry_id);
CREATE INDEX IF NOT EXISTS audit_chain_actor ON audit_chain (station_id, actor_id, entry_id);

CREATE TABLE IF NOT EXISTS audit_heads (
    station_id TEXT    NOT NULL PRIMARY KEY,
    seq        INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    mac        BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases (
    name     TEXT    NOT NULL PRIMARY KEY,
    holder   TEXT    NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO leases (name, holder, ended_at) VALUES ('audit', '', 0) ON CONFLICT DO NOTHING;

-- +goose Down
DROP TABLE IF EXISTS leases;
DROP TABLE IF EXISTS audit_heads;
DROP TABLE IF EXISTS audit_chain;
DROP TABLE IF EXISTS audit_reasons;
DROP TABLE IF EXISTS audit_entries;
