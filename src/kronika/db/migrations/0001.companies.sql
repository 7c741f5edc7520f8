-- Companies, their tokens, and the two locks between companies.
--
-- First lock: every statement names company_id. Second lock: row-level security on every table that has a company.
-- The application connects as kronika_app, which owns nothing and bypasses nothing; tables are ENABLEd, not FORCEd,
-- so that migrations and the SECURITY DEFINER functions of their owner see all rows.
--
-- The runner (db/migrate.py) has made the role kronika_app and the schema kronika, and set the search path.

GRANT USAGE ON SCHEMA kronika TO kronika_app;

-- The one clock of everything stored. A test sets it with the setting kronika.now.
CREATE FUNCTION clock() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('kronika.now', true), '')::timestamptz, clock_timestamp());

-- After a transaction a local setting reads as '' and not NULL, hence nullif.
CREATE FUNCTION current_company() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('kronika.company_id', true), '')::bigint;

-- An instant as the API shows it: whole seconds with the offset of the zone, 2026-03-10T10:00:00+01:00.
CREATE FUNCTION local_iso8601(at timestamptz, zone text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN at AT TIME ZONE zone < at AT TIME ZONE 'UTC' THEN '-' ELSE '+' END
    || to_char(greatest(at AT TIME ZONE zone - at AT TIME ZONE 'UTC',
                        at AT TIME ZONE 'UTC' - at AT TIME ZONE zone), 'HH24:MI');

GRANT EXECUTE ON FUNCTION clock(), current_company(), local_iso8601(timestamptz, text) TO kronika_app;

-- One row: what tells whether a secret key belongs to this database.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    secret_check bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock()
);

CREATE TYPE actor_kind AS ENUM ('token', 'user', 'system');
CREATE TYPE token_scope AS ENUM ('read', 'write');

CREATE TABLE companies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    time_zone text NOT NULL DEFAULT 'Europe/Bratislava',
    sandbox_of bigint REFERENCES companies (id),
    created_at timestamptz NOT NULL DEFAULT clock()
);
ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON companies TO kronika_app USING (id = current_company());
GRANT SELECT ON companies TO kronika_app;

CREATE TABLE tokens (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    scope token_scope NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock(),
    revoked_at timestamptz,
    created_by actor_kind NOT NULL,
    created_by_id bigint,
    PRIMARY KEY (company_id, id)
);
-- The one look-up that has no company yet: it finds it.
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);
ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON tokens TO kronika_app USING (company_id = current_company());
GRANT SELECT ON tokens TO kronika_app;
