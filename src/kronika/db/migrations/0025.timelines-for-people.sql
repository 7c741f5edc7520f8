-- What the pages for people need of timelines: events that users record, who recorded what, and the events with files.

-- Most events have no files, so that the index is small, and recording one without touches it not.
CREATE INDEX events_with_files ON events (company_id, timeline_id, created_at, id)
    WHERE attachments > 0 AND deleted_at IS NULL;

-- Of the listed users, those who are or were in the transaction's company: what they wrote there bears their names.
-- Past row-level security, see 0024.
CREATE FUNCTION names_of_users(ids bigint[]) RETURNS TABLE (user_id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.company_id = current_company() AND m.user_id = ANY (ids);
END;

-- An event that links a document says what its total was then, too; what was linked before this does not.
ALTER TABLE events
    DROP CONSTRAINT events_check,
    ADD CONSTRAINT events_check CHECK (CASE type
        WHEN 'note' THEN content IS NOT NULL
            AND num_nonnulls(email, person_name, phone_number, document_id, document_number, amount, currency_id) = 0
        WHEN 'email' THEN num_nonnulls(content, email) = 2
            AND num_nonnulls(person_name, phone_number, document_id, document_number, amount, currency_id) = 0
        WHEN 'phone_call' THEN num_nonnulls(content, person_name) = 2
            AND num_nonnulls(email, document_id, document_number, amount, currency_id) = 0
        WHEN 'document_linked' THEN document_id IS NOT NULL
            AND num_nonnulls(content, email, person_name, phone_number, document_number) = 0
        WHEN 'document_payment_added' THEN num_nonnulls(document_id, amount, currency_id) = 3
            AND num_nonnulls(content, email, person_name, phone_number, document_number) = 0
        WHEN 'document_deleted' THEN num_nonnulls(document_id, document_number) = 2
            AND num_nonnulls(content, email, person_name, phone_number, amount, currency_id) = 0
        ELSE num_nonnulls(document_id, document_number) = 2
            AND num_nonnulls(content, email, person_name, phone_number) = 0 END);

-- Records an event of whoever it is, a token or a user: what record_event does once it knows who asks. The answer is stored
-- and sent as it stands here: answer_middle is the rendered event without what only the database knows, its id before and
-- its times after. The order of the steps is the design: the key is taken only once the target is known, and the timeline's
-- row is locked last. Statements inside see fresh snapshots, so a duplicate that waited for its original finds its answer.
CREATE FUNCTION record_event_of(
    company bigint, zone text, by_kind actor_kind, by_id bigint, target_kind timeline_kind, target bigint,
    new_type event_type, new_content text, new_email text, new_person_name text, new_phone_number text,
    new_document bigint, new_key text, print bytea, answer_middle text,
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

-- As in 0016, by the function above. The hot path, one round trip.
CREATE OR REPLACE FUNCTION record_event(
    token_hash bytea, target_kind timeline_kind, target bigint,
    new_type event_type, new_content text, new_email text, new_person_name text, new_phone_number text,
    new_document bigint, new_key text, print bytea, answer_middle text,
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
        new_person_name, new_phone_number, new_document, new_key, print, answer_middle) r;
END $$;

GRANT EXECUTE ON FUNCTION names_of_users(bigint[]),
    record_event_of(bigint, text, actor_kind, bigint, timeline_kind, bigint, event_type, text, text, text, text, bigint,
                    text, bytea, text) TO kronika_app;
