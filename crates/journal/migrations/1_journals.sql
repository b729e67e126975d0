-- Both databases read this file. SQLite takes a column of a type that it does not know, such as BYTEA, as it is filled.

CREATE TABLE journals (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE blocks (
    journal BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (journal, number)
);

CREATE TABLE entries (
    journal BIGINT NOT NULL,
    block BIGINT NOT NULL,
    log_index BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    tx BYTEA NOT NULL,
    address BYTEA NOT NULL,
    topics BYTEA NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (journal, block, log_index)
);
