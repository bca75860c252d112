-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS audit_entries (
    station_id  CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id          CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    happened_at BIGINT         NOT NULL,
    actor_id    CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor_role  VARCHAR(32)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    session_id  CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    operation   VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_kind VARCHAR(32)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_id   CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    outcome     VARCHAR(16)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code        VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subjects    MEDIUMTEXT     NOT NULL,
    reason_hash VARBINARY(32)  NOT NULL,
    facts       TEXT           NOT NULL,
    mac         VARBINARY(64)  NOT NULL,
    sealed      TINYINT        NOT NULL,
    PRIMARY KEY (station_id, id),
    KEY audit_entries_unsealed (sealed, station_id, id),
    KEY audit_entries_object (station_id, object_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS audit_reasons (
    station_id CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    entry_id   CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    salt       VARBINARY(64)   NOT NULL,
    sealed     VARBINARY(8192) NOT NULL,
    PRIMARY KEY (station_id, entry_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS audit_chain (
    station_id CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq        BIGINT        NOT NULL,
    entry_id   CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor_id   CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash       VARBINARY(32) NOT NULL,
    PRIMARY KEY (station_id, seq),
    UNIQUE KEY audit_chain_entry (station_id, entry_id),
    KEY audit_chain_actor (station_id, actor_id, entry_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS audit_heads (
    station_id CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    seq        BIGINT        NOT NULL,
    hash       VARBINARY(32) NOT NULL,
    mac        VARBINARY(64) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS leases (
    name     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    holder   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ended_at BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT IGNORE INTO leases (name, holder, ended_at) VALUES ('audit', '', 0);

-- +goose Down
DROP TABLE IF EXISTS leases;
DROP TABLE IF EXISTS audit_heads;
DROP TABLE IF EXISTS audit_chain;
DROP TABLE IF EXISTS audit_reasons;
DROP TABLE IF EXISTS audit_entries;
