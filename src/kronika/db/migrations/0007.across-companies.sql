-- The short list of what must cross companies, and therefore runs as the owner, past row-level security. Everything else
-- sees one company only. Bodies are bound when they are created (BEGIN ATOMIC), so no search path can redirect them.

-- The only way from a token to its company.
CREATE FUNCTION find_token(token_hash bytea)
RETURNS TABLE (company_id bigint, token_id bigint, scope token_scope, company_name text, time_zone text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
BEGIN ATOMIC
    SELECT t.company_id, t.id, t.scope, c.name, c.time_zone
    FROM tokens t JOIN companies c ON c.id = t.company_id
    WHERE t.hash = token_hash AND t.revoked_at IS NULL;
END;

-- Sweeps. Each takes away at most `most` rows and says how many; the server calls them until they say 0. Rows that
-- somebody is using are left for the next time.
CREATE FUNCTION sweep_idempotency_keys(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM idempotency_keys WHERE ctid IN (
            SELECT ctid FROM idempotency_keys WHERE created_at <= clock() - interval '72 hours'
            LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

CREATE FUNCTION sweep_rate_windows(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM rate_windows WHERE ctid IN (
            SELECT ctid FROM rate_windows WHERE started_at <= clock() - interval '60 seconds'
            LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

CREATE FUNCTION sweep_changes(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM changes WHERE ctid IN (
            SELECT ctid FROM changes WHERE occurred_at <= clock() - interval '90 days'
            LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

GRANT EXECUTE ON FUNCTION find_token(bytea), sweep_idempotency_keys(integer), sweep_rate_windows(integer),
    sweep_changes(integer) TO kronika_app;
