-- Events about documents. See 0006 and 0015.

-- The document, and what its number, its total or a payment of it was when the event was recorded. What the document is
-- now is read from its own row.
ALTER TABLE events
    ADD COLUMN document_id bigint, -- documents.id
    ADD COLUMN document_number text,
    ADD COLUMN amount numeric(16, 2),
    ADD COLUMN currency_id smallint,
    ADD FOREIGN KEY (company_id, document_id) REFERENCES documents (company_id, id),
    DROP CONSTRAINT events_check,
    ADD CONSTRAINT events_check CHECK (CASE type
        WHEN 'note' THEN content IS NOT NULL
            AND num_nonnulls(email, person_name, phone_number, document_id, document_number, amount, currency_id) = 0
        WHEN 'email' THEN num_nonnulls(content, email) = 2
            AND num_nonnulls(person_name, phone_number, document_id, document_number, amount, currency_id) = 0
        WHEN 'phone_call' THEN num_nonnulls(content, person_name) = 2
            AND num_nonnulls(email, document_id, document_number, amount, currency_id) = 0
        WHEN 'document_linked' THEN document_id IS NOT NULL
            AND num_nonnulls(content, email, person_name, phone_number, document_number, amount, currency_id) = 0
        WHEN 'document_payment_added' THEN num_nonnulls(document_id, amount, currency_id) = 3
            AND num_nonnulls(content, email, person_name, phone_number, document_number) = 0
        WHEN 'document_deleted' THEN num_nonnulls(document_id, document_number) = 2
            AND num_nonnulls(content, email, person_name, phone_number, amount, currency_id) = 0
        ELSE num_nonnulls(document_id, document_number) = 2
            AND num_nonnulls(content, email, person_name, phone_number) = 0 END);

-- A document as it is now, for the events about it; null once it is gone.
CREATE FUNCTION living_document(company bigint, document bigint) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- By its id alone, so that there is one index to find it by: see 0015.
    SELECT CASE WHEN d.deleted_at IS NULL THEN json_build_object(
        'type', d.type, 'document_id', d.document_id, 'name', d.name, 'number', d.number,
        'issue_date', d.issue_date, 'total', d.total::text, 'currency_id', d.currency_id) END
    FROM documents d WHERE d.company_id = company AND d.id = document;
END;

-- What an event says of its document.
CREATE FUNCTION document_of(company bigint, of_type event_type, document bigint, said_number text, said_amount numeric,
                            said_currency smallint)
RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object('id', document, 'number', said_number, 'amount', said_amount::text, 'currency_id', said_currency,
    'living', CASE WHEN of_type <> 'document_deleted' THEN living_document(company, document) END);

-- Records events that Kronika writes itself, with their change records: element n of each array belongs to the n-th. Call
-- it last in a transaction: it locks timelines, in the order of their ids, as everybody who locks several must.
CREATE FUNCTION record_document_events(
    company bigint, by_kind actor_kind, by_id bigint, on_timelines bigint[], types event_type[], documents bigint[],
    numbers text[], amounts numeric[], currencies smallint[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    item record;
    at timestamptz := date_trunc('second', clock());
    new_id bigint;
BEGIN
    FOR item IN
        SELECT * FROM unnest(on_timelines, types, documents, numbers, amounts, currencies)
            WITH ORDINALITY AS i (timeline, type, document, number, amount, currency, place)
        ORDER BY i.timeline, i.place
    LOOP
        new_id := nextval('event_ids');
        INSERT INTO events (company_id, id, timeline_id, type, document_id, document_number, amount, currency_id,
                            created_at, updated_at, created_by, created_by_id)
        VALUES (company, new_id, item.timeline, item.type, item.document, item.number, item.amount, item.currency,
                at, at, by_kind, by_id);
        INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
        VALUES (company, 'contact-activity-logs.created', new_id, by_kind, by_id);
        IF NOT count_event(company, item.timeline, at, new_id, item.type, 1) THEN
            RAISE EXCEPTION 'timeline % was deleted meanwhile', item.timeline USING ERRCODE = 'no_data_found';
        END IF;
    END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION living_document(bigint, bigint), document_of(bigint, event_type, bigint, text, numeric, smallint),
    record_document_events(bigint, actor_kind, bigint, bigint[], event_type[], bigint[], text[], numeric[], smallint[])
    TO kronika_app;

DROP FUNCTION record_event(bytea, timeline_kind, bigint, event_type, text, text, text, text, text, bytea, text);

-- As in 0010, with the document that an event links. Records an event: the hot path, one round trip. The answer is stored and sent as it stands here: answer_middle is
-- the rendered event without what only the database knows, its id before and its times after.
-- The order of the steps is the design: the key is taken only once the target is known, and the timeline's row is
-- locked last. Statements inside see fresh snapshots, so a duplicate that waited for its original finds its answer.
CREATE FUNCTION record_event(
    token_hash bytea, target_kind timeline_kind, target bigint,
    new_type event_type, new_content text, new_email text, new_person_name text, new_phone_number text,
    new_document bigint, new_key text, print bytea, answer_middle text,
    OUT outcome recording, OUT company bigint, OUT answer bytea)
LANGUAGE plpgsql AS $$
DECLARE
    me record;
    now_is timestamptz := clock();
    at timestamptz := date_trunc('second', now_is);
    new_id bigint;
    shown_at text;
    stored record;
BEGIN
    SELECT * INTO me FROM enter(token_hash);
    IF NOT FOUND THEN
        outcome := 'unauthenticated';
        RETURN;
    END IF;
    company := me.company_id;
    IF me.scope <> 'write' THEN
        outcome := 'forbidden';
        RETURN;
    END IF;

    PERFORM FROM timelines t
    WHERE t.company_id = company AND t.id = target AND t.kind = target_kind AND t.deleted_at IS NULL;
    IF FOUND THEN
        new_id := nextval('event_ids');
        shown_at := local_iso8601(at, me.time_zone);
        answer := convert_to('{"id":' || new_id || answer_middle || '"createdAt":"' || shown_at
            || '","updatedAt":"' || shown_at || '"}', 'UTF8');
        IF new_key IS NULL OR take_key(company, new_key, print, 201::smallint, answer, now_is) THEN
            INSERT INTO events (company_id, id, timeline_id, type, content, email, person_name, phone_number,
                                document_id, created_at, updated_at, created_by, created_by_id)
            VALUES (company, new_id, target, new_type, new_content, new_email, new_person_name, new_phone_number,
                    new_document, at, at, 'token', me.token_id);
            INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
            VALUES (company, 'contact-activity-logs.created', new_id, 'token', me.token_id);
            IF NOT count_event(company, target, at, new_id, new_type, 1) THEN
                RAISE EXCEPTION 'timeline % was deleted meanwhile', target USING ERRCODE = 'no_data_found';
            END IF;
            outcome := 'recorded';
            RETURN;
        END IF;
    END IF;

    answer := NULL;
    outcome := 'no_target';
    IF new_key IS NOT NULL THEN
        SELECT s.* INTO stored FROM stored_answer(company, new_key, print, now_is) s;
        IF FOUND AND stored.same THEN
            outcome := 'repeated';
            answer := stored.body;
        ELSIF FOUND THEN
            outcome := 'key_reused';
        END IF;
    END IF;
END $$;

GRANT EXECUTE ON FUNCTION
    record_event(bytea, timeline_kind, bigint, event_type, text, text, text, text, bigint, text, bytea, text)
    TO kronika_app;

-- As in 0014, with documents. One page of a timeline, newest first, with the exact total: one round trip. `wanted` NULL = events of all types.
-- Blocks tell where the page begins; inside a block at most some hundred index entries are passed over.
-- STABLE so that all statements inside see one snapshot: a writer who came between the timeline's row and its blocks
-- would tear the page.
CREATE OR REPLACE FUNCTION timeline_page(
    token_hash bytea, target_kind timeline_kind, target bigint, wanted event_type, page bigint, per_page integer,
    OUT outcome reading, OUT company bigint, OUT time_zone text, OUT total integer, OUT events json)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    me record;
    head timelines;
    skipped bigint := (page - 1) * per_page;
BEGIN
    SELECT * INTO me FROM enter(token_hash);
    IF NOT FOUND THEN
        outcome := 'unauthenticated';
        RETURN;
    END IF;
    company := me.company_id;
    time_zone := me.time_zone;
    SELECT * INTO head FROM timelines t
    WHERE t.company_id = company AND t.id = target AND t.kind = target_kind AND t.deleted_at IS NULL;
    IF NOT FOUND THEN
        outcome := 'no_target';
        RETURN;
    END IF;
    outcome := 'found';
    total := tally(head.counts, wanted);
    IF skipped >= total THEN
        RETURN;
    END IF;

    IF wanted IS NULL AND skipped + per_page <= tally(head.tail_counts, NULL) THEN
        -- The page lies inside the tail, as the first page mostly does.
        SELECT json_agg(shown) INTO events FROM (
            SELECT e.id, e.type, e.content, e.email, e.person_name, e.phone_number,
                extract(epoch FROM e.created_at)::bigint AS created, extract(epoch FROM e.updated_at)::bigint AS updated,
                CASE WHEN e.attachments > 0 THEN attachments_of(company, e.id) END AS attachments,
                CASE WHEN e.document_id IS NOT NULL THEN
                    document_of(company, e.type, e.document_id, e.document_number, e.amount, e.currency_id) END AS document
            -- Cut first: what is passed over shows no attachments.
            FROM (SELECT id, type, content, email, person_name, phone_number, created_at, updated_at, attachments,
                      document_id, document_number, amount, currency_id
                  FROM events e
                  WHERE e.company_id = company AND e.timeline_id = target AND e.deleted_at IS NULL
                  ORDER BY e.created_at DESC, e.id DESC OFFSET skipped LIMIT per_page) e
            ORDER BY e.created_at DESC, e.id DESC) shown;
        RETURN;
    END IF;

    WITH blocks AS (
        SELECT starts_at, starts_id, tally(counts, wanted) AS n FROM timeline_blocks
        WHERE company_id = company AND timeline_id = target
        UNION ALL
        SELECT head.tail_at, head.tail_id, tally(head.tail_counts, wanted)
    ), summed AS (
        SELECT starts_at, starts_id, n, sum(n) OVER newest_first AS upto,
            lag(starts_at, 1, 'infinity') OVER newest_first AS ends_at,
            lag(starts_id, 1, 0::bigint) OVER newest_first AS ends_id
        FROM blocks
        WINDOW newest_first AS (ORDER BY starts_at DESC, starts_id DESC)
    ), touched AS (
        SELECT * FROM summed WHERE n > 0 AND upto > skipped AND upto - n < skipped + per_page
    ), keys AS (
        SELECT k.created_at, k.id
        FROM touched b
        CROSS JOIN LATERAL (
            SELECT e.created_at, e.id FROM events e
            WHERE e.company_id = company AND e.timeline_id = target AND e.deleted_at IS NULL
                AND (wanted IS NULL OR e.type = wanted)
                AND (e.created_at, e.id) >= (b.starts_at, b.starts_id)
                AND (e.created_at, e.id) < (b.ends_at, b.ends_id)
            ORDER BY e.created_at DESC, e.id DESC
            OFFSET greatest(skipped - (b.upto - b.n), 0)
            LIMIT least(skipped + per_page - (b.upto - b.n), per_page)
        ) k
        ORDER BY k.created_at DESC, k.id DESC LIMIT per_page
    )
    SELECT json_agg(shown) INTO events FROM (
        SELECT e.id, e.type, e.content, e.email, e.person_name, e.phone_number,
            extract(epoch FROM e.created_at)::bigint AS created, extract(epoch FROM e.updated_at)::bigint AS updated,
            CASE WHEN e.attachments > 0 THEN attachments_of(company, e.id) END AS attachments,
            CASE WHEN e.document_id IS NOT NULL THEN
                document_of(company, e.type, e.document_id, e.document_number, e.amount, e.currency_id) END AS document
        FROM keys k
        -- OFFSET 0 keeps this a look-up for each key: of a long page the planner would rather read the whole table.
        CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = company AND id = k.id OFFSET 0) e
        ORDER BY k.created_at DESC, k.id DESC) shown;
END $$;
