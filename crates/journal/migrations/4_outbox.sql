-- Of each account the transaction that it signed and of which it is not known what became, as the chain would be told it.

CREATE TABLE outbox (
    account TEXT PRIMARY KEY,
    intent TEXT NOT NULL,
    nonce BIGINT NOT NULL,
    deadline BIGINT,
    original BYTEA NOT NULL,
    newest BYTEA NOT NULL,
    replaced BYTEA NOT NULL,
    empty BYTEA NOT NULL
);
