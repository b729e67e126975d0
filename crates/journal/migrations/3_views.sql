-- Of each journal the fold over the entries that it holds no more.

CREATE TABLE views (
    journal BIGINT PRIMARY KEY,
    form BIGINT NOT NULL,
    block BIGINT NOT NULL,
    bytes BYTEA NOT NULL
);
