-- One search over contacts, cases, documents and the words of events.

-- The words of a text: folded, a space between them, each cut after 40 characters, 10,000 at most. What divides words is
-- named, so that it does not depend on what a database's locale knows: controls, white space, punctuation and symbols of
-- the scripts in use. kronika.folding.searched_words is its twin, and what new events pass through.
CREATE FUNCTION searched_words(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN array_to_string((string_to_array(btrim(regexp_replace(regexp_replace(folded(value),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e3f\u0e5a\u0e5b\u1680\u180e\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+', ' ', 'g'),
    '([^ ]{40})[^ ]+', '\1', 'g')), ' '))[:10000], ' ');

-- A company's events in the order they were recorded, some ten thousand to a stretch: `starts_id` is where it was begun.
-- Stretch 0 has no row. A search looks from the newest stretch on until it has enough, so that a word in half of all events
-- costs no more than one stretch of them, and one that is nowhere, a look into the index for each.
CREATE TABLE event_stretches (
    company_id bigint NOT NULL REFERENCES companies (id),
    stretch integer NOT NULL,
    starts_id bigint NOT NULL,
    PRIMARY KEY (company_id, stretch)
);
ALTER TABLE event_stretches ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON event_stretches TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT ON event_stretches TO kronika_app;

-- What an event is found by; beside the events, so that their own rows stay as narrow as timelines want them. An event
-- without words, as those about documents are, has no row. Each word stands behind its company and its stretch (`7.2/zilina`):
-- so what one company searches is one range of the index, whatever others have. No foreign keys: who writes the event writes
-- this, and checking would cost the hot path.
CREATE TABLE event_words (
    company_id bigint NOT NULL,
    event_id bigint NOT NULL,
    stretch integer NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (company_id, event_id)
);
ALTER TABLE event_words ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON event_words TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE, DELETE ON event_words TO kronika_app;

CREATE FUNCTION stretch_size() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 16384;

-- Words as the index has them: ' a b' becomes '7.2/a' and '7.2/b'. Words hold nothing that the type's own syntax knows.
CREATE FUNCTION placed_words(company bigint, stretch integer, words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN words = '' THEN '' ELSE replace(' ' || words, ' ', ' ' || company || '.' || stretch || '/') END::tsvector;

-- Makes a new event found by these words (searched_words).
CREATE FUNCTION keep_event_words(company bigint, event bigint, words text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    head event_stretches;
    at integer;
BEGIN
    IF words = '' THEN
        RETURN;
    END IF;
    SELECT s.* INTO head FROM event_stretches s WHERE s.company_id = company ORDER BY s.stretch DESC LIMIT 1;
    at := coalesce(head.stretch, 0);
    -- Looked at now and then: a stretch may be some hundred larger than the others.
    IF event % 256 = 0 AND (
        SELECT count(*) FROM (
            SELECT FROM event_words w WHERE w.company_id = company AND w.event_id >= coalesce(head.starts_id, 0)
            LIMIT stretch_size()) counted) >= stretch_size()
    THEN
        at := at + 1;
        INSERT INTO event_stretches (company_id, stretch, starts_id) VALUES (company, at, event) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO event_words (company_id, event_id, stretch, words)
    VALUES (company, event, at, placed_words(company, at, words));
END $$;

-- What the recorded events say.
WITH numbered AS MATERIALIZED (
    SELECT e.company_id, e.id, ((row_number() OVER (PARTITION BY e.company_id ORDER BY e.id) - 1) / stretch_size())::integer AS stretch,
        searched_words(concat_ws(' ',
            CASE WHEN e.attachments > 0 THEN (
                SELECT string_agg(a.name, ' ' ORDER BY a.id) FROM attachments a
                WHERE a.company_id = e.company_id AND a.event_id = e.id) END,
            e.email, e.person_name, e.phone_number, regexp_replace(e.phone_number, '[^0-9]+', '', 'g'), e.content)) AS words
    FROM events e JOIN timelines t ON t.company_id = e.company_id AND t.id = e.timeline_id AND t.deleted_at IS NULL
    WHERE e.type IN ('note', 'email', 'phone_call') AND e.deleted_at IS NULL
), placed AS (
    INSERT INTO event_words (company_id, event_id, stretch, words)
    SELECT company_id, id, stretch, placed_words(company_id, stretch, words) FROM numbered WHERE words <> ''
)
INSERT INTO event_stretches (company_id, stretch, starts_id)
SELECT company_id, stretch, min(id) FROM numbered WHERE stretch > 0 GROUP BY company_id, stretch;

-- A create only appends to a list of pending entries; it is kept short, since every look into the index reads through it.
CREATE INDEX event_words_by_word ON event_words USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 64);

DROP FUNCTION record_event(bytea, timeline_kind, bigint, event_type, text, text, text, text, bigint, text, bytea, text);
DROP FUNCTION record_event_of(bigint, text, actor_kind, bigint, timeline_kind, bigint, event_type, text, text, text, text,
    bigint, text, bytea, text);

-- As in 0025, with the words that the event is found by: see keep_event_words. Records an event of whoever it is, a token or
-- a user. The answer is stored and sent as it stands here: answer_middle is the rendered event without what only the
-- database knows, its id before and its times after. The order of the steps is the design: the key is taken only once the
-- target is known, and the timeline's row is locked last. Statements inside see fresh snapshots, so a duplicate that waited
-- for its original finds its answer.
CREATE FUNCTION record_event_of(
    company bigint, zone text, by_kind actor_kind, by_id bigint, target_kind timeline_kind, target bigint,
    new_type event_type, new_content text, new_email text, new_person_name text, new_phone_number text,
    new_document bigint, new_words text, new_key text, print bytea, answer_middle text,
    OUT outcome recording, OUT answer bytea)
LANGUAGE plpgsql AS $$
DECLARE
    now_is timestamptz := clock();
    at timestamptz := date_trunc('second', now_is);
    new_id bigint;
    shown_at text;
    stored record;
BEGIN
    PERFORM FROM timelines t
    WHERE t.company_id = company AND t.id = target AND t.kind = target_kind AND t.deleted_at IS NULL;
    IF FOUND THEN
        new_id := nextval('event_ids');
        shown_at := local_iso8601(at, zone);
        answer := convert_to('{"id":' || new_id || answer_middle || '"createdAt":"' || shown_at
            || '","updatedAt":"' || shown_at || '"}', 'UTF8');
        IF new_key IS NULL OR take_key(company, new_key, print, 201::smallint, answer, now_is) THEN
            INSERT INTO events (company_id, id, timeline_id, type, content, email, person_name, phone_number,
                                document_id, created_at, updated_at, created_by, created_by_id)
            VALUES (company, new_id, target, new_type, new_content, new_email, new_person_name, new_phone_number,
                    new_document, at, at, by_kind, by_id);
            IF new_document IS NOT NULL THEN
                UPDATE events e SET amount = d.total, currency_id = d.currency_id FROM documents d
                WHERE e.company_id = company AND e.id = new_id AND d.company_id = company AND d.id = new_document;
            END IF;
            PERFORM keep_event_words(company, new_id, new_words);
            INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
            VALUES (company, 'contact-activity-logs.created', new_id, by_kind, by_id);
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

-- As in 0025. The hot path, one round trip.
CREATE FUNCTION record_event(
    token_hash bytea, target_kind timeline_kind, target bigint,
    new_type event_type, new_content text, new_email text, new_person_name text, new_phone_number text,
    new_document bigint, new_words text, new_key text, print bytea, answer_middle text,
    OUT outcome recording, OUT company bigint, OUT answer bytea)
LANGUAGE plpgsql AS $$
DECLARE
    me record;
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
    SELECT r.outcome, r.answer INTO outcome, answer FROM record_event_of(
        company, me.time_zone, 'token', me.token_id, target_kind, target, new_type, new_content, new_email,
        new_person_name, new_phone_number, new_document, new_words, new_key, print, answer_middle) r;
END $$;

-- The living events of the current company that have every word, or one that begins with it, the newest first, `most` at
-- most. The words are searched_words, and no more of them than the caller wants looked for; one of a single character must
-- stand alone. Not all events that were recorded at the same moment need come in the order of their ids.
-- It runs as the owner because the full text's operator is none that PostgreSQL trusts under row-level security; so it
-- names the company itself, in the words and beside them.
CREATE FUNCTION matching_events(words text[], most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    company bigint := current_company();
    at integer;
    wanted tsquery;
    ids bigint[];
    left_over integer := most;
BEGIN
    IF cardinality(words) = 0 THEN
        RETURN;
    END IF;
    FOR at IN SELECT s.stretch FROM event_stretches s WHERE s.company_id = company
              UNION ALL SELECT 0 ORDER BY 1 DESC
    LOOP
        wanted := (
            SELECT string_agg(company || '.' || at || '/' || word || CASE WHEN length(word) > 1 THEN ':*' ELSE '' END, ' & ')
            FROM unnest(words) asked (word))::tsquery;
        SELECT array_agg(found.event_id ORDER BY found.event_id DESC) INTO ids FROM (
            SELECT w.event_id FROM (
                -- The company outside: the index of words is to be asked, and not the primary key. OFFSET 0: put in order
                -- first, so that no more events are looked up than are wanted.
                SELECT w.company_id, w.event_id FROM event_words w WHERE w.words @@ wanted
                ORDER BY w.event_id DESC OFFSET 0) w
            WHERE w.company_id = company AND EXISTS (
                SELECT FROM events e
                JOIN timelines t ON t.company_id = company AND t.id = e.timeline_id AND t.deleted_at IS NULL
                WHERE e.company_id = company AND e.id = w.event_id AND e.deleted_at IS NULL OFFSET 0)
            LIMIT left_over) found;
        RETURN QUERY SELECT unnest(ids);
        left_over := left_over - coalesce(cardinality(ids), 0);
        EXIT WHEN left_over <= 0;
    END LOOP;
END $$;

-- Documents are found by any part of their number and their name, as contacts are. The extensions have a schema of their own,
-- or are where they were before: see 0012.
DO $$
DECLARE
    homes text;
BEGIN
    SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') INTO homes
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname IN ('pg_trgm', 'btree_gin');
    PERFORM set_config('search_path', current_setting('search_path') || ', ' || homes, true);
END $$;
ALTER TABLE documents ADD search_text text COLLATE "C" NOT NULL
    GENERATED ALWAYS AS (searchable(coalesce(number || ' ' || name, number))) STORED;
CREATE INDEX documents_by_words ON documents USING gin (company_id, search_text gin_trgm_ops) WHERE is_living;

-- Ids of the first rows of a source (a table and a condition) that meet further conditions, in an order, `most` at most.
-- What many rows meet is found among the first, a thousand at most; what few meet, by the index of words. Left to the planner, which
-- does not know how words and names go together, a search for what nobody has walked along all names (90 ms instead of 9).
-- For the owner's functions below alone.
CREATE FUNCTION first_rows(source text, conditions text, in_order text, most integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids bigint[];
BEGIN
    EXECUTE format(
        'SELECT ARRAY(SELECT id FROM (SELECT * FROM %s ORDER BY %s LIMIT %s) near WHERE true%s LIMIT %s)',
        source, in_order, least(1000, 40 * most), conditions, most) INTO ids;
    IF cardinality(ids) < most THEN
        EXECUTE format('SELECT ARRAY(SELECT id FROM (SELECT * FROM %s%s OFFSET 0) found ORDER BY %s LIMIT %s)',
            source, conditions, in_order, most) INTO ids;
    END IF;
    RETURN ids;
END $$;

-- The first of matching_contacts by name, of one kind or (NULL) of both; `most` at most.
CREATE FUNCTION first_matching_contacts(of_kind contact_kind, words text[], countries text[], most integer)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    company bigint := current_company();
    ids bigint[] := '{}';
    kind record;
BEGIN
    FOR kind IN SELECT * FROM (VALUES ('client'::contact_kind, 1), ('supplier', 2)) kinds (name, number) LOOP
        IF of_kind IS NULL OR kind.name = of_kind THEN
            ids := ids || first_rows(
                format('contacts WHERE company_id = %L AND deleted_at IS NULL AND kind_number = %s', company, kind.number),
                search_conditions(words, countries), 'sort_name, id', most);
        END IF;
    END LOOP;
    RETURN QUERY SELECT c.id FROM unnest(ids) found (id)
        CROSS JOIN LATERAL (
            SELECT k.id, k.sort_name FROM contacts k WHERE k.company_id = company AND k.id = found.id OFFSET 0) c
        ORDER BY c.sort_name, c.id LIMIT most;
END $$;

-- The newest of matching_cases.
CREATE FUNCTION first_matching_cases(words text[], most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
AS $$
BEGIN
    RETURN QUERY SELECT unnest(first_rows(
        format('business_cases WHERE company_id = %L AND deleted_at IS NULL', current_company()),
        search_conditions(words, NULL), 'id DESC', most));
END $$;

-- The documents whose number or name has every word; first those whose number is just that, then the newest.
CREATE FUNCTION first_matching_documents(words text[], most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    exact text := left(folded(array_to_string(words, ' ')), 200);
    called bigint[];
BEGIN
    called := ARRAY(
        SELECT d.id FROM documents d
        WHERE d.company_id = current_company() AND d.is_living
            AND d.sort_number >= exact || E'\t' AND d.sort_number < exact || E'\n'
        ORDER BY d.sort_number, d.id LIMIT most);
    RETURN QUERY SELECT unnest(called || first_rows(
        format('documents WHERE company_id = %L AND is_living AND id <> ALL (%L::bigint[])', current_company(), called),
        search_conditions(words, NULL), 'id DESC', most - cardinality(called)));
END $$;

GRANT EXECUTE ON FUNCTION searched_words(text), stretch_size(), placed_words(bigint, integer, text),
    keep_event_words(bigint, bigint, text), matching_events(text[], integer),
    record_event(bytea, timeline_kind, bigint, event_type, text, text, text, text, bigint, text, text, bytea, text),
    record_event_of(bigint, text, actor_kind, bigint, timeline_kind, bigint, event_type, text, text, text, text, bigint,
                    text, text, bytea, text),
    first_matching_contacts(contact_kind, text[], text[], integer), first_matching_cases(text[], integer),
    first_matching_documents(text[], integer) TO kronika_app;
