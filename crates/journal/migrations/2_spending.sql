-- What accounts spent, by days since 1970 (UTC); wei in decimal, since they outgrow integers.
CREATE TABLE spending (
    account TEXT NOT NULL,
    day BIGINT NOT NULL,
    wei TEXT NOT NULL,
    PRIMARY KEY (account, day)
);
