-- The gate: who asks, may they, how often. And the idempotency key.

-- Finds the living token and makes its company the transaction's; no row when there is none.
CREATE FUNCTION enter(token_hash bytea)
RETURNS TABLE (company_id bigint, token_id bigint, scope token_scope, company_name text, time_zone text)
LANGUAGE plpgsql ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    SELECT * INTO company_id, token_id, scope, company_name, time_zone FROM find_token(token_hash);
    IF FOUND THEN
        PERFORM set_config('kronika.company_id', company_id::text, true);
        RETURN NEXT;
    END IF;
END $$;

-- Counts one request of the company. A refused one (remaining -1) is not counted: the condition is in the statement, so
-- it is exact across processes.
CREATE FUNCTION hit_rate_window(company bigint, rate_limit integer,
                                OUT remaining integer, OUT resets_at timestamptz, OUT resets_in interval)
LANGUAGE plpgsql AS $$
DECLARE
    now_is timestamptz := clock();
    expired_before timestamptz := now_is - interval '60 seconds';
BEGIN
    LOOP
        INSERT INTO rate_windows AS w (company_id, started_at, hits) VALUES (company, now_is, 1)
        ON CONFLICT (company_id) DO UPDATE SET
            started_at = CASE WHEN w.started_at <= expired_before THEN now_is ELSE w.started_at END,
            hits = CASE WHEN w.started_at <= expired_before THEN 1 ELSE w.hits + 1 END
        WHERE w.started_at <= expired_before OR w.hits < rate_limit
        RETURNING rate_limit - w.hits, w.started_at + interval '60 seconds' INTO remaining, resets_at;
        EXIT WHEN FOUND;
        SELECT -1, w.started_at + interval '60 seconds' INTO remaining, resets_at
        FROM rate_windows w WHERE w.company_id = company;
        EXIT WHEN FOUND;
        -- Swept between the two statements: the window is free.
    END LOOP;
    resets_in := resets_at - now_is;
END $$;

CREATE TYPE admission AS ENUM ('admitted', 'unauthenticated', 'forbidden', 'throttled');

-- The checks that come before every route's own work, in their order: 401, 403, 429.
CREATE FUNCTION admit(token_hash bytea, needs_write boolean, rate_limit integer)
RETURNS TABLE (outcome admission, company_id bigint, token_id bigint, company_name text, time_zone text,
               remaining integer, resets_at timestamptz, resets_in interval)
LANGUAGE plpgsql ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    granted token_scope;
BEGIN
    SELECT e.company_id, e.token_id, e.scope, e.company_name, e.time_zone
    INTO company_id, token_id, granted, company_name, time_zone FROM enter(token_hash) e;
    IF NOT FOUND THEN
        outcome := 'unauthenticated';
    ELSIF needs_write AND granted <> 'write' THEN
        outcome := 'forbidden';
    ELSE
        outcome := 'admitted';
        IF rate_limit > 0 THEN
            SELECT h.remaining, h.resets_at, h.resets_in INTO remaining, resets_at, resets_in
            FROM hit_rate_window(company_id, rate_limit) h;
            IF remaining < 0 THEN
                outcome := 'throttled';
                remaining := 0;
            END IF;
        END IF;
    END IF;
    RETURN NEXT;
END $$;

-- What the living key answered, and whether it was asked the same; no row when it is free.
CREATE FUNCTION stored_answer(company bigint, asked_key text, print bytea, now_is timestamptz)
RETURNS TABLE (same boolean, status smallint, body bytea)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT k.fingerprint = print, k.status, k.body FROM idempotency_keys k
    WHERE k.company_id = company AND k.key = asked_key AND k.created_at > now_is - interval '72 hours';
END;

-- Takes the key for the answer it will repeat. When the key is held: waits for its holder (at most lock_timeout),
-- then says false. An expired row counts as absent, whether or not the sweep has come by; `now_is` is the caller's one
-- instant, so that its questions cannot straddle the expiry.
CREATE FUNCTION take_key(company bigint, new_key text, print bytea, answer_status smallint, answer bytea,
                         now_is timestamptz)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        INSERT INTO idempotency_keys (company_id, key, fingerprint, status, body, created_at)
        VALUES (company, new_key, print, answer_status, answer, now_is) ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
        UPDATE idempotency_keys k
        SET fingerprint = print, status = answer_status, body = answer, created_at = now_is
        WHERE k.company_id = company AND k.key = new_key AND k.created_at <= now_is - interval '72 hours';
        EXIT WHEN FOUND;
        PERFORM FROM stored_answer(company, new_key, print, now_is);
        IF FOUND THEN
            RETURN false;
        END IF;
        -- Swept between the two statements: it is free now.
    END LOOP;
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION enter(bytea), hit_rate_window(bigint, integer), admit(bytea, boolean, integer),
    stored_answer(bigint, text, bytea, timestamptz),
    take_key(bigint, text, bytea, smallint, bytea, timestamptz) TO kronika_app;
