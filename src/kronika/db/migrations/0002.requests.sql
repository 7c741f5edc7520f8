-- What every request passes: the rows of rate limit and idempotency.

-- Counters may be lost in a crash (a window is a minute) but must cost no disk write: UNLOGGED.
CREATE UNLOGGED TABLE rate_windows (
    company_id bigint PRIMARY KEY,
    started_at timestamptz NOT NULL,
    hits integer NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE rate_windows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON rate_windows TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON rate_windows TO kronika_app;

-- No foreign key to companies here and in `changes`: every request would lock its company's row to check it (measured:
-- a quarter of the create rate), and a row's company comes from the token, which has one.
CREATE TABLE idempotency_keys (
    company_id bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, key)
);
-- For the sweep, which crosses companies. (BRIN, cheaper to keep, is no use: freed pages are filled again, and after some
-- days every range holds something old.)
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON idempotency_keys TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO kronika_app;
