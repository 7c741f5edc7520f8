-- Tokens and sandboxes in the hands of a company's owners, and when a token was last used.

-- Not exact: written at most once an hour, some time after the request (http/token_uses.py), so that no request waits for
-- it. No index has it, so the update stays on its page.
ALTER TABLE tokens ADD COLUMN last_used_at timestamptz;
GRANT INSERT (company_id, name, scope, hash, created_by, created_by_id), UPDATE (revoked_at) ON tokens TO kronika_app;

-- What a process has seen in use. Who is told of by two of them at once is written by one.
CREATE FUNCTION keep_token_uses(hashes bytea[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH used AS (
        UPDATE tokens SET last_used_at = clock() WHERE ctid = ANY (ARRAY(
            SELECT t.ctid FROM tokens t
            WHERE t.hash = ANY (hashes)
                AND (t.last_used_at IS NULL OR t.last_used_at <= (SELECT clock()) - interval '1 hour')
            FOR NO KEY UPDATE SKIP LOCKED))
        RETURNING 1)
    SELECT count(*) FROM used;
END;

-- The sandboxes of a company; a list of all companies has no other use for the column.
CREATE INDEX companies_by_parent ON companies (sandbox_of, id) WHERE sandbox_of IS NOT NULL;

-- Whether the signed-in user owns the transaction's company, and does until the transaction ends: who is being removed from
-- it must not come into a sandbox of it meanwhile.
CREATE FUNCTION stays_owner() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM memberships m WHERE m.company_id = current_company() AND m.user_id = current_signed_in()
        AND m.role = 'owner' AND m.ended_at IS NULL FOR SHARE;
    RETURN FOUND;
END $$;

-- A sandbox of the transaction's company for its signed-in user, who must own the company and will own the sandbox.
-- `made`, or `full`: there are `most`; `refused`: he is no owner, or it is a sandbox itself.
CREATE FUNCTION create_sandbox(new_name text, most integer, OUT outcome text, OUT sandbox bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
DECLARE
    parent companies;
BEGIN
    -- Held, so that two at once do not both make the last one there may be.
    SELECT c.* INTO parent FROM companies c WHERE c.id = current_company() FOR NO KEY UPDATE;
    IF NOT FOUND OR parent.sandbox_of IS NOT NULL OR NOT stays_owner() THEN
        outcome := 'refused';
    ELSIF (SELECT count(*) FROM companies c WHERE c.sandbox_of = parent.id) >= most THEN
        outcome := 'full';
    ELSE
        INSERT INTO companies (name, time_zone, language, sandbox_of)
        VALUES (new_name, parent.time_zone, parent.language, parent.id) RETURNING id INTO sandbox;
        INSERT INTO memberships (company_id, user_id, role) VALUES (sandbox, current_signed_in(), 'owner');
        outcome := 'made';
    END IF;
END $$;

-- Makes the signed-in user, who must own the transaction's company, an owner of a sandbox of it: whose company it is, his
-- sandboxes are. Whether there is such a one.
CREATE FUNCTION enter_sandbox(asked bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
BEGIN
    IF NOT stays_owner() OR NOT EXISTS (
        SELECT FROM companies c WHERE c.id = asked AND c.sandbox_of = current_company()
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO memberships (company_id, user_id, role) VALUES (asked, current_signed_in(), 'owner')
    ON CONFLICT (company_id, user_id) DO UPDATE SET role = 'owner', ended_at = NULL;
    RETURN true;
END $$;

-- The sandboxes of the transaction's company. Of their owners those are named who are, or were, in the company too.
CREATE FUNCTION sandboxes_of_company()
RETURNS TABLE (id bigint, name text, created_at timestamptz, owners text[], is_mine boolean)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT c.id AS id, c.name AS name, c.created_at AS created_at,
        ARRAY(SELECT u.name FROM memberships m
              JOIN memberships here ON here.company_id = c.sandbox_of AND here.user_id = m.user_id
              JOIN users u ON u.id = m.user_id
              WHERE m.company_id = c.id AND m.role = 'owner' AND m.ended_at IS NULL ORDER BY u.name, u.id) AS owners,
        EXISTS (SELECT FROM memberships m
                WHERE m.company_id = c.id AND m.user_id = current_signed_in() AND m.ended_at IS NULL) AS is_mine
    FROM companies c
    WHERE c.sandbox_of = current_company()
    ORDER BY c.id;
END;

GRANT EXECUTE ON FUNCTION keep_token_uses(bytea[]), create_sandbox(text, integer), enter_sandbox(bigint),
    sandboxes_of_company() TO kronika_app;
