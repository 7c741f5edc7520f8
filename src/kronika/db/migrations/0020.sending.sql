-- Sending webhooks: finding who has something to be sent, holding him, reading what it is, recording what became of it.

-- Who listens says to which companies: others tell only what somebody wants to hear.
DROP FUNCTION keep_listening(uuid, integer), is_listened_to();
TRUNCATE listeners;
ALTER TABLE listeners ADD COLUMN companies bigint[] NOT NULL;

CREATE FUNCTION keep_listening(listener uuid, listens_to bigint[], seconds integer) RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
    DELETE FROM listeners WHERE expires_at < clock_timestamp() - interval '1 minute';
    INSERT INTO listeners (id, expires_at, companies)
    VALUES (listener, clock_timestamp() + seconds * interval '1 second', listens_to)
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, companies = excluded.companies
    RETURNING true;
END;

-- The companies that others than this one listen to.
CREATE FUNCTION listened_companies(besides uuid) RETURNS bigint[]
LANGUAGE sql VOLATILE
RETURN (SELECT coalesce(array_agg(DISTINCT company), '{}') FROM listeners, unnest(companies) company
        WHERE expires_at > clock_timestamp() AND id <> besides);

GRANT EXECUTE ON FUNCTION keep_listening(uuid, bigint[], integer), listened_companies(uuid) TO kronika_app;

-- Tests go out though the subscription is not active: they are found among however many that wait until it is.
CREATE INDEX webhook_deliveries_tests ON webhook_deliveries (company_id, subscription_id, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL AND cause = 'test';

-- Across companies, as the owner, past row-level security: the claims. One process sends for a subscription at a time,
-- for some seconds, which it prolongs while it lives.

-- How many subscriptions each company has.
CREATE FUNCTION webhook_companies() RETURNS TABLE (company_id bigint, subscriptions bigint)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT w.company_id, count(*) FROM webhook_states w WHERE NOT w.is_deleted GROUP BY w.company_id;
END;

-- Takes subscriptions that have something to be sent and that nobody holds; who has waited longest comes first.
-- `whose`: of these companies only; null: of all. `horizon`: up to where the journal is final.
CREATE FUNCTION claim_webhooks(claimer uuid, seconds double precision, most integer, horizon bigint, whose bigint[])
RETURNS TABLE (company_id bigint, subscription_id bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    UPDATE webhook_states w
    SET holder = claimer, held_until = clock_timestamp() + seconds * interval '1 second', served_at = clock_timestamp()
    FROM (
        SELECT s.company_id, s.subscription_id FROM webhook_states s
        WHERE NOT s.is_deleted AND (whose IS NULL OR s.company_id = ANY (whose))
            AND (s.held_until IS NULL OR s.held_until <= clock_timestamp())
            AND (
                -- (SELECT clock()): an index is not asked with what may change from row to row.
                -- And the earliest, not EXISTS: where a few have most of the rows, the planner expects to find one soon
                -- anywhere in the table, and reads all of it for each of the others.
                s.is_active AND (
                    SELECT d.next_attempt_at FROM webhook_deliveries d
                    WHERE d.company_id = s.company_id AND d.subscription_id = s.subscription_id
                        AND d.next_attempt_at IS NOT NULL
                    ORDER BY d.next_attempt_at LIMIT 1) <= (SELECT clock())
                OR (SELECT d.next_attempt_at FROM webhook_deliveries d
                    WHERE d.company_id = s.company_id AND d.subscription_id = s.subscription_id
                        AND d.next_attempt_at IS NOT NULL AND d.cause = 'test'
                    ORDER BY d.next_attempt_at LIMIT 1) <= (SELECT clock())
                OR s.is_active AND EXISTS (
                    SELECT FROM webhook_stretches t
                    WHERE t.company_id = s.company_id AND t.subscription_id = s.subscription_id
                        AND (t.upto IS NOT NULL OR EXISTS (
                            SELECT FROM changes c
                            WHERE c.company_id = t.company_id AND c.position > t.cursor AND c.position <= horizon))))
        ORDER BY s.served_at NULLS FIRST
        LIMIT most FOR UPDATE SKIP LOCKED) due
    WHERE w.company_id = due.company_id AND w.subscription_id = due.subscription_id
    RETURNING w.company_id, w.subscription_id;
END;

-- Prolongs what is held and served; how many those are. What is held and not served, since something went wrong, ends.
CREATE FUNCTION keep_webhooks(claimer uuid, companies bigint[], subscriptions bigint[], seconds double precision)
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    WITH kept AS (
        UPDATE webhook_states w SET held_until = clock_timestamp() + seconds * interval '1 second'
        FROM unnest(companies, subscriptions) served (company_id, subscription_id)
        WHERE w.company_id = served.company_id AND w.subscription_id = served.subscription_id AND w.holder = claimer
        RETURNING 1)
    SELECT count(*) FROM kept;
END;

-- Lets go of all that is held: the process ends.
CREATE FUNCTION leave_webhooks(claimer uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
BEGIN ATOMIC
    WITH left_alone AS (
        UPDATE webhook_states SET holder = NULL, held_until = NULL WHERE holder = claimer RETURNING 1)
    SELECT count(*) FROM left_alone;
END;

-- How far the journal is known to be final: where a process begins that cannot find it out for itself, since somebody
-- writes for long.
CREATE TABLE journal_horizon (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO journal_horizon (position) VALUES (0);
GRANT SELECT, UPDATE ON journal_horizon TO kronika_app;

-- From here on for one company, under its row-level security.

-- Lets go of one subscription; nobody takes it before so many seconds have passed.
CREATE FUNCTION leave_webhook(company bigint, subscription bigint, claimer uuid, seconds double precision)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('kronika.company_id', company::text, true);
    UPDATE webhook_states SET holder = NULL, held_until = clock_timestamp() + seconds * interval '1 second'
    WHERE company_id = company AND subscription_id = subscription AND holder = claimer;
    RETURN FOUND;
END $$;

-- A delivery that has its row, as an item of work.
CREATE FUNCTION webhook_item(d webhook_deliveries) RETURNS json LANGUAGE sql STABLE
RETURN json_build_object('delivery', d.id, 'made', cardinality(d.attempts), 'cause', d.cause, 'change', d.change_id,
    'type', d.type, 'resource', d.resource_id, 'occurred', d.occurred_at);

-- What is to be sent for a subscription that the claimer holds: at most `most` due retries, and of each stretch at most
-- `most` changes. `work` is JSON:
--   {"due": [item…], "stretches": [{"id", "reach", "items": [item…]}]}
-- where an item is {"delivery", "made", "cause", "stretch", "position", "change", "type", "resource", "occurred"} as far
-- as it has them; `reach` is how far the cursor may go when its items have been sent. Where a stretch has nothing that is wanted, the cursor goes at
-- once.
CREATE FUNCTION webhook_work(
    company bigint, subscription bigint, claimer uuid, horizon bigint, most integer,
    OUT is_held boolean, OUT url text, OUT sealed_secret bytea, OUT now_is timestamptz, OUT next_due timestamptz,
    OUT work text)
LANGUAGE plpgsql AS $$
DECLARE
    is_on boolean;
    due json;
    stretches json[] := '{}';
    stretch record;
    items json;
    wanted bigint;
    last_wanted bigint;
    looked bigint;
    last_looked bigint;
    reach bigint;
    deepest constant integer := 5000;
    most_stretches constant integer := 16;
    depth integer;
BEGIN
    PERFORM set_config('kronika.company_id', company::text, true);
    now_is := clock();
    SELECT w.is_active, s.url, s.sealed_secret INTO is_on, webhook_work.url, webhook_work.sealed_secret
    FROM webhook_states w
    JOIN webhook_subscriptions s ON s.company_id = w.company_id AND s.id = w.subscription_id
    WHERE w.company_id = company AND w.subscription_id = subscription AND w.holder = claimer AND NOT w.is_deleted;
    is_held := FOUND;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    IF is_on THEN
        -- Tests first: somebody looks at the screen.
        SELECT json_agg(webhook_item(d)) INTO due FROM (
            (SELECT * FROM webhook_deliveries d
             WHERE d.company_id = company AND d.subscription_id = subscription AND d.next_attempt_at <= now_is
                 AND d.cause = 'test'
             ORDER BY d.next_attempt_at LIMIT most)
            UNION ALL
            (SELECT * FROM webhook_deliveries d
             WHERE d.company_id = company AND d.subscription_id = subscription AND d.next_attempt_at <= now_is
                 AND d.cause <> 'test'
             ORDER BY d.next_attempt_at LIMIT most)) d;
        SELECT min(d.next_attempt_at) INTO next_due FROM webhook_deliveries d
        WHERE d.company_id = company AND d.subscription_id = subscription AND d.next_attempt_at > now_is;
    ELSE
        SELECT json_agg(webhook_item(d)) INTO due FROM (
            SELECT * FROM webhook_deliveries d
            WHERE d.company_id = company AND d.subscription_id = subscription AND d.next_attempt_at <= now_is
                AND d.cause = 'test'
            ORDER BY d.next_attempt_at LIMIT most) d;
    END IF;

    FOR stretch IN
        SELECT * FROM webhook_stretches t
        WHERE t.company_id = company AND t.subscription_id = subscription AND is_on
        ORDER BY t.upto IS NOT NULL, t.id LIMIT most_stretches
    LOOP
        reach := stretch.cursor;
        wanted := 0;
        -- As many as can be sent at once; further where little of it is wanted.
        FOREACH depth IN ARRAY ARRAY[most, deepest] LOOP
            WITH piece AS MATERIALIZED (
                SELECT c.position, c.id, c.type, c.resource_id, c.occurred_at FROM changes c
                WHERE c.company_id = company AND c.position > stretch.cursor
                    AND c.position <= least(stretch.upto, horizon)
                ORDER BY c.position LIMIT depth
            ), fitting AS MATERIALIZED (
                SELECT * FROM piece p
                WHERE p.type = ANY (stretch.events)
                    AND (stretch.occurred_from IS NULL
                         OR p.occurred_at >= stretch.occurred_from AND p.occurred_at < stretch.occurred_before)
                ORDER BY p.position LIMIT most
            )
            SELECT
                (SELECT json_agg(json_build_object(
                    'stretch', stretch.id, 'cause', CASE WHEN stretch.occurred_from IS NULL THEN 'change' ELSE 'replay' END,
                    'position', f.position, 'change', f.id, 'type', f.type, 'resource', f.resource_id,
                    'occurred', f.occurred_at)) FROM fitting f),
                (SELECT count(*) FROM fitting), (SELECT max(f.position) FROM fitting f),
                (SELECT count(*) FROM piece), (SELECT max(p.position) FROM piece p)
            INTO items, wanted, last_wanted, looked, last_looked;
            IF wanted = most THEN
                reach := last_wanted;
            ELSIF looked = depth THEN
                reach := last_looked;
            ELSE
                reach := greatest(stretch.cursor, least(stretch.upto, horizon));
            END IF;
            EXIT WHEN 4 * wanted >= most OR looked < depth;
        END LOOP;
        IF wanted > 0 THEN
            stretches := stretches || json_build_object('id', stretch.id, 'reach', reach, 'items', items);
        ELSIF looked > 0 OR reach >= stretch.upto THEN
            PERFORM move_webhook_stretch(company, subscription, stretch.id, reach);
        END IF;
        IF reach < least(stretch.upto, horizon) THEN
            -- There is more to look through: come again at once.
            next_due := now_is;
        END IF;
    END LOOP;
    work := json_build_object('due', coalesce(due, '[]'), 'stretches', to_json(stretches));
END $$;

CREATE FUNCTION move_webhook_stretch(company bigint, subscription bigint, stretch bigint, reach bigint) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    DELETE FROM webhook_stretches
    WHERE company_id = company AND subscription_id = subscription AND id = stretch AND upto <= reach;
    UPDATE webhook_stretches SET cursor = reach
    WHERE company_id = company AND subscription_id = subscription AND id = stretch AND cursor < reach;
END;

-- Records what became of attempts, and moves the cursors, in one transaction. False: the subscription is not the
-- claimer's any more, nothing is recorded, and who has it now does it all again.
-- `outcomes`: [{"delivery", "cause", "change", "type", "resource", "occurred", "at", "result", "status", "milliseconds",
-- "delivered", "pause", "made", "stretch", "position"}], `pause` = seconds until the next attempt, null = it was the
-- last; `moved`: [{"id", "reach"}]. Told twice (the answer to the first was lost), it is recorded once: an attempt
-- follows those that were made before it, and a change is new only behind its stretch's cursor.
CREATE FUNCTION record_webhook_outcomes(
    company bigint, subscription bigint, claimer uuid, outcomes jsonb, moved jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('kronika.company_id', company::text, true);
    UPDATE webhook_states w
    SET last_success_at = greatest(w.last_success_at, o.last_success_at),
        last_failure_at = greatest(w.last_failure_at, o.last_failure_at)
    FROM (
        SELECT max(r.at + r.milliseconds * interval '1 ms') FILTER (WHERE r.delivered) AS last_success_at,
            max(r.at + r.milliseconds * interval '1 ms') FILTER (WHERE NOT r.delivered) AS last_failure_at
        FROM jsonb_to_recordset(outcomes) r (at timestamptz, milliseconds integer, delivered boolean)) o
    WHERE w.company_id = company AND w.subscription_id = subscription AND w.holder = claimer AND NOT w.is_deleted;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at,
                                    created_at, state, attempts, next_attempt_at)
    SELECT company, subscription, r.cause, r.change, r.type, r.resource, r.occurred, r.at,
        webhook_state_after(r.delivered, r.pause),
        ARRAY[ROW(r.at, r.result, r.status, r.milliseconds)::webhook_attempt],
        webhook_next_attempt(r.delivered, r.at, r.milliseconds, r.pause)
    FROM jsonb_to_recordset(outcomes) r (
        delivery bigint, cause text, change uuid, type text, resource bigint, occurred timestamptz, at timestamptz,
        result text, status smallint, milliseconds integer, delivered boolean, pause double precision,
        stretch bigint, position bigint)
    JOIN webhook_stretches t
        ON t.company_id = company AND t.subscription_id = subscription AND t.id = r.stretch AND t.cursor < r.position
    WHERE r.delivery IS NULL;

    UPDATE webhook_deliveries d
    SET attempts = d.attempts || ROW(r.at, r.result, r.status, r.milliseconds)::webhook_attempt,
        state = webhook_state_after(r.delivered, r.pause),
        next_attempt_at = webhook_next_attempt(r.delivered, r.at, r.milliseconds, r.pause)
    FROM jsonb_to_recordset(outcomes) r (
        delivery bigint, at timestamptz, result text, status smallint, milliseconds integer, delivered boolean,
        pause double precision, made integer)
    WHERE d.company_id = company AND d.subscription_id = subscription AND d.id = r.delivery AND d.state = 'pending'
        AND cardinality(d.attempts) = r.made;

    PERFORM move_webhook_stretch(company, subscription, m.id, m.reach)
    FROM jsonb_to_recordset(moved) m (id bigint, reach bigint);
    RETURN true;
END $$;

CREATE FUNCTION webhook_state_after(delivered boolean, pause double precision) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN delivered THEN 'delivered' WHEN pause IS NULL THEN 'failed' ELSE 'pending' END;

-- From the end of the attempt.
CREATE FUNCTION webhook_next_attempt(
    delivered boolean, at timestamptz, milliseconds integer, pause double precision) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN NOT delivered THEN at + (pause + milliseconds / 1000.0) * interval '1 second' END;

GRANT EXECUTE ON FUNCTION webhook_companies(), claim_webhooks(uuid, double precision, integer, bigint, bigint[]),
    keep_webhooks(uuid, bigint[], bigint[], double precision), leave_webhooks(uuid),
    leave_webhook(bigint, bigint, uuid, double precision), webhook_item(webhook_deliveries),
    webhook_work(bigint, bigint, uuid, bigint, integer),
    move_webhook_stretch(bigint, bigint, bigint, bigint),
    record_webhook_outcomes(bigint, bigint, uuid, jsonb, jsonb), webhook_state_after(boolean, double precision),
    webhook_next_attempt(boolean, timestamptz, integer, double precision) TO kronika_app;
