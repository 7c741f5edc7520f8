-- Written by `make schema`: what the migrations in src/kronika/db/migrations make. To read, not to run.

CREATE SCHEMA kronika;

CREATE TYPE kronika.actor_kind AS ENUM (
    'token',
    'user',
    'system'
);

CREATE TYPE kronika.admission AS ENUM (
    'admitted',
    'unauthenticated',
    'forbidden',
    'throttled'
);

CREATE TYPE kronika.contact_kind AS ENUM (
    'client',
    'supplier'
);

CREATE TYPE kronika.contact_type AS ENUM (
    'person',
    'company'
);

CREATE TYPE kronika.event_type AS ENUM (
    'note',
    'email',
    'phone_call',
    'document_linked',
    'document_created',
    'document_updated',
    'document_deleted',
    'document_payment_added'
);

CREATE TYPE kronika.reading AS ENUM (
    'found',
    'no_target',
    'unauthenticated'
);

CREATE TYPE kronika.recording AS ENUM (
    'recorded',
    'repeated',
    'key_reused',
    'no_target',
    'unauthenticated',
    'forbidden'
);

CREATE TYPE kronika.timeline_kind AS ENUM (
    'client',
    'supplier',
    'business_case'
);

CREATE TYPE kronika.token_scope AS ENUM (
    'read',
    'write'
);

CREATE TYPE kronika.webhook_attempt AS (
	at timestamp with time zone,
	result text,
	status smallint,
	milliseconds integer
);

CREATE FUNCTION kronika.admit(token_hash bytea, needs_write boolean, rate_limit integer) RETURNS TABLE(outcome kronika.admission, company_id bigint, token_id bigint, company_name text, time_zone text, remaining integer, resets_at timestamp with time zone, resets_in interval)
    LANGUAGE plpgsql ROWS 1
    AS $$
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

CREATE FUNCTION kronika.clock() RETURNS timestamp with time zone
    LANGUAGE sql PARALLEL SAFE
    RETURN COALESCE((NULLIF(current_setting('kronika.now'::text, true), ''::text))::timestamp with time zone, clock_timestamp());

CREATE FUNCTION kronika.link_expiry() RETURNS bigint
    LANGUAGE sql PARALLEL SAFE
    RETURN (((floor((EXTRACT(epoch FROM kronika.clock()) / (86400)::numeric)))::bigint + 11) * 86400);

CREATE SEQUENCE kronika.attachment_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.attachments (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.attachment_ids'::regclass) NOT NULL,
    event_id bigint NOT NULL,
    storage_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    CONSTRAINT attachments_size_check CHECK ((size > 0))
);

CREATE FUNCTION kronika.attachments_of(company bigint, event bigint) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'mime_type', a.mime_type, 'expires', kronika.link_expiry()) ORDER BY a.id) AS json_agg
    FROM kronika.attachments a
   WHERE ((a.company_id = attachments_of.company) AND (a.event_id = attachments_of.event));
END;

CREATE FUNCTION kronika.block_size() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 500;

CREATE SEQUENCE kronika.change_positions
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.changes (
    company_id bigint NOT NULL,
    "position" bigint DEFAULT 
CASE
    WHEN (pg_current_xact_id() IS NOT NULL) THEN nextval('kronika.change_positions'::regclass)
    ELSE NULL::bigint
END NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    type text NOT NULL,
    resource_id bigint NOT NULL,
    actor kronika.actor_kind NOT NULL,
    actor_id bigint,
    occurred_at timestamp with time zone DEFAULT kronika.clock() NOT NULL
);

CREATE SEQUENCE kronika.webhook_delivery_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.webhook_deliveries (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.webhook_delivery_ids'::regclass) NOT NULL,
    cause text NOT NULL,
    change_id uuid NOT NULL,
    type text NOT NULL,
    resource_id bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    attempts kronika.webhook_attempt[] NOT NULL,
    next_attempt_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT webhook_deliveries_cause_check CHECK ((cause = ANY (ARRAY['change'::text, 'replay'::text, 'test'::text]))),
    CONSTRAINT webhook_deliveries_check CHECK (((state = 'pending'::text) = (next_attempt_at IS NOT NULL))),
    CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

CREATE TABLE kronika.webhook_states (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    is_active boolean NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    holder uuid,
    held_until timestamp with time zone,
    served_at timestamp with time zone,
    last_success_at timestamp with time zone,
    last_failure_at timestamp with time zone
);

CREATE SEQUENCE kronika.webhook_stretch_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.webhook_stretches (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.webhook_stretch_ids'::regclass) NOT NULL,
    events text[] NOT NULL,
    cursor bigint NOT NULL,
    upto bigint,
    occurred_from timestamp with time zone,
    occurred_before timestamp with time zone,
    CONSTRAINT webhook_stretches_check CHECK (((occurred_from IS NULL) = (occurred_before IS NULL))),
    CONSTRAINT webhook_stretches_check1 CHECK (((occurred_from IS NULL) OR (upto IS NOT NULL)))
);

CREATE FUNCTION kronika.claim_webhooks(claimer uuid, seconds double precision, most integer, horizon bigint, whose bigint[]) RETURNS TABLE(company_id bigint, subscription_id bigint)
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 UPDATE kronika.webhook_states w SET holder = claim_webhooks.claimer, held_until = (clock_timestamp() + (claim_webhooks.seconds * '00:00:01'::interval)), served_at = clock_timestamp()
    FROM ( SELECT s.company_id,
             s.subscription_id
            FROM kronika.webhook_states s
           WHERE ((NOT s.is_deleted) AND ((claim_webhooks.whose IS NULL) OR (s.company_id = ANY (claim_webhooks.whose))) AND ((s.held_until IS NULL) OR (s.held_until <= clock_timestamp())) AND ((s.is_active AND (( SELECT d.next_attempt_at
                    FROM kronika.webhook_deliveries d
                   WHERE ((d.company_id = s.company_id) AND (d.subscription_id = s.subscription_id) AND (d.next_attempt_at IS NOT NULL))
                   ORDER BY d.next_attempt_at
                  LIMIT 1) <= ( SELECT kronika.clock() AS clock))) OR (( SELECT d.next_attempt_at
                    FROM kronika.webhook_deliveries d
                   WHERE ((d.company_id = s.company_id) AND (d.subscription_id = s.subscription_id) AND (d.next_attempt_at IS NOT NULL) AND (d.cause = 'test'::text))
                   ORDER BY d.next_attempt_at
                  LIMIT 1) <= ( SELECT kronika.clock() AS clock)) OR (s.is_active AND (EXISTS ( SELECT
                    FROM kronika.webhook_stretches t
                   WHERE ((t.company_id = s.company_id) AND (t.subscription_id = s.subscription_id) AND ((t.upto IS NOT NULL) OR (EXISTS ( SELECT
                            FROM kronika.changes c
                           WHERE ((c.company_id = t.company_id) AND (c."position" > t.cursor) AND (c."position" <= claim_webhooks.horizon)))))))))))
           ORDER BY s.served_at NULLS FIRST
          LIMIT claim_webhooks.most
          FOR UPDATE OF s SKIP LOCKED) due
   WHERE ((w.company_id = due.company_id) AND (w.subscription_id = due.subscription_id))
   RETURNING w.company_id,
     w.subscription_id;
END;

CREATE FUNCTION kronika.company_of_file(storage_key text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (split_part(storage_key, '/'::text, 1))::bigint;

CREATE FUNCTION kronika.count_contact(company bigint, of_kind kronika.contact_kind, of_type kronika.contact_type, of_country integer, by integer) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO contact_counts AS c (company_id, kind, type, country_id, slot, n)
    VALUES (company, of_kind, of_type, coalesce(of_country, 0), pg_backend_pid() % 32, by)
    ON CONFLICT (company_id, kind, type, country_id, slot) DO UPDATE SET n = c.n + by;
    RETURN true;
END $$;

CREATE TABLE kronika.document_counts (
    company_id bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    is_open boolean NOT NULL,
    slot smallint NOT NULL,
    n bigint NOT NULL
)
WITH (fillfactor='70');

CREATE FUNCTION kronika.count_documents(company bigint, types text[], opens boolean[], bys integer[]) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO kronika.document_counts AS c (company_id, type, is_open, slot, n)  SELECT count_documents.company AS company,
             item.type,
             item.is_open,
             (pg_backend_pid() % 32),
             sum(item.by) AS sum
            FROM UNNEST(count_documents.types, count_documents.opens, count_documents.bys) item(type, is_open, by)
           GROUP BY item.type, item.is_open
          HAVING (sum(item.by) <> 0)
           ORDER BY item.type, item.is_open ON CONFLICT(company_id, type, is_open, slot) DO UPDATE SET n = (c.n + excluded.n);
END;

CREATE FUNCTION kronika.count_event(company bigint, timeline bigint, at timestamp with time zone, event_id bigint, type kronika.event_type, by integer) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    n integer := type_number(type);
    head timelines;
    block timeline_blocks;
BEGIN
    -- The common case, one statement: the event belongs to the tail, and the tail has room.
    UPDATE timelines t SET counts[n] = t.counts[n] + by, tail_counts[n] = t.tail_counts[n] + by
    WHERE t.company_id = company AND t.id = timeline AND t.deleted_at IS NULL
        AND (at, event_id) >= (t.tail_at, t.tail_id) AND tally(t.tail_counts, NULL) < block_size();
    IF FOUND THEN
        RETURN true;
    END IF;
    SELECT * INTO head FROM timelines t
    WHERE t.company_id = company AND t.id = timeline AND t.deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF (at, event_id) >= (head.tail_at, head.tail_id) THEN
        -- The tail is full: close it; this event opens the next one. (One that came late, and lies inside the full
        -- tail, stays in it: a block may be longer than its size.)
        IF by > 0 AND NOT EXISTS (
            SELECT FROM events e
            WHERE e.company_id = company AND e.timeline_id = timeline AND e.deleted_at IS NULL
                AND (e.created_at, e.id) > (at, event_id)) THEN
            INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
            VALUES (company, timeline, head.tail_at, head.tail_id, head.tail_counts);
            UPDATE timelines t
            SET counts[n] = t.counts[n] + 1, tail_at = at, tail_id = event_id,
                tail_counts = (SELECT array_agg((number = n)::integer ORDER BY number)
                               FROM generate_series(1, 8) number)
            WHERE t.company_id = company AND t.id = timeline;
        ELSE
            UPDATE timelines t SET counts[n] = t.counts[n] + by, tail_counts[n] = t.tail_counts[n] + by
            WHERE t.company_id = company AND t.id = timeline;
        END IF;
        RETURN true;
    END IF;
    UPDATE timelines t SET counts[n] = t.counts[n] + by WHERE t.company_id = company AND t.id = timeline;
    UPDATE timeline_blocks b SET counts[n] = b.counts[n] + by
    WHERE b.company_id = company AND b.timeline_id = timeline
        AND (b.starts_at, b.starts_id) = (
            SELECT i.starts_at, i.starts_id FROM timeline_blocks i
            WHERE i.company_id = company AND i.timeline_id = timeline
                AND (i.starts_at, i.starts_id) <= (at, event_id)
            ORDER BY i.starts_at DESC, i.starts_id DESC LIMIT 1)
    RETURNING * INTO block;
    IF tally(block.counts, NULL) >= 2 * block_size() THEN
        PERFORM split_block(company, timeline, block.starts_at, block.starts_id);
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION kronika.create_sandbox(new_name text, most integer, OUT outcome text, OUT sandbox bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
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

CREATE FUNCTION kronika.current_company() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('kronika.company_id'::text, true), ''::text))::bigint;

CREATE FUNCTION kronika.current_signed_in() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('kronika.user_id'::text, true), ''::text))::bigint;

CREATE FUNCTION kronika.folded(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(replace(replace(replace(lower(translate(regexp_replace(regexp_replace(NORMALIZE(value, NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text), '[\u0001-\u001f\u007f\s]+'::text, ' '::text, 'g'::text), 'ŁłĐđÐðØøĦħŦŧıÆŒÞẞςАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄІЈЉЊЋЏҐѢѲѴΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ'::text, 'llddddoohhttiæœþßσабвгдежзиклмнопрстуфхцчшщъыьэюяђєіјљњћџґѣѳѵαβγδεζηθικλμνξοπρστυφχψω'::text)), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), 'þ'::text, 'th'::text);

CREATE FUNCTION kronika.searchable(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((' '::text || kronika.folded(value)) || CASE WHEN (kronika.folded(value) ~ '[!-/:-@\[-`{-~«»‘’‚“”„–—]'::text) THEN (' '::text || regexp_replace(kronika.folded(value), '[!-/:-@\[-`{-~«»‘’‚“”„–—]+'::text, ' '::text, 'g'::text)) ELSE ''::text END);

CREATE FUNCTION kronika.sort_key(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (("left"(kronika.folded(value), 200) || '	'::text) || "left"(value, 200));

CREATE SEQUENCE kronika.document_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.documents (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.document_ids'::regclass) NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    document_id bigint NOT NULL,
    number text NOT NULL,
    name text,
    issue_date date NOT NULL,
    due_date date,
    contact_kind kronika.contact_kind NOT NULL,
    contact_id bigint NOT NULL,
    business_case_id bigint,
    gone_case_id bigint,
    total numeric(16,2),
    currency_id smallint,
    currency_rate numeric(18,8),
    paid numeric(20,2) DEFAULT 0 NOT NULL,
    payments integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    to_be_paid numeric(20,2) GENERATED ALWAYS AS (
CASE
    WHEN (type = ANY (ARRAY['invoice'::text, 'proforma'::text, 'credit-note'::text, 'received-invoice'::text, 'received-receipt'::text])) THEN (total - paid)
    ELSE NULL::numeric
END) STORED,
    is_open boolean GENERATED ALWAYS AS (COALESCE(((type = ANY (ARRAY['invoice'::text, 'proforma'::text, 'credit-note'::text, 'received-invoice'::text, 'received-receipt'::text])) AND
CASE
    WHEN (total < (0)::numeric) THEN (total < paid)
    ELSE (total > paid)
END), false)) STORED NOT NULL,
    is_living boolean GENERATED ALWAYS AS ((deleted_at IS NULL)) STORED NOT NULL,
    sort_number text GENERATED ALWAYS AS (kronika.sort_key(number)) STORED NOT NULL COLLATE pg_catalog."C",
    search_text text GENERATED ALWAYS AS (kronika.searchable(COALESCE(((number || ' '::text) || name), number))) STORED NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT documents_check CHECK (((total IS NULL) OR (currency_id IS NOT NULL))),
    CONSTRAINT documents_check1 CHECK (((total IS NOT NULL) OR (type = ANY (ARRAY['warehouse-inbound-receipt'::text, 'warehouse-outbound-receipt'::text])))),
    CONSTRAINT documents_document_id_check CHECK ((document_id > 0)),
    CONSTRAINT documents_type_check CHECK ((type = ANY (ARRAY['invoice'::text, 'proforma'::text, 'order'::text, 'quotation'::text, 'credit-note'::text, 'received-invoice'::text, 'received-receipt'::text, 'warehouse-inbound-receipt'::text, 'warehouse-outbound-receipt'::text])))
);

CREATE FUNCTION kronika.living_document(company bigint, document bigint) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (d.deleted_at IS NULL) THEN json_build_object('type', d.type, 'document_id', d.document_id, 'name', d.name, 'number', d.number, 'issue_date', d.issue_date, 'total', (d.total)::text, 'currency_id', d.currency_id)
             ELSE NULL::json
         END AS "case"
    FROM kronika.documents d
   WHERE ((d.company_id = living_document.company) AND (d.id = living_document.document));
END;

CREATE FUNCTION kronika.document_of(company bigint, of_type kronika.event_type, document bigint, said_number text, said_amount numeric, said_currency smallint) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN json_build_object('id', document, 'number', said_number, 'amount', (said_amount)::text, 'currency_id', said_currency, 'living', CASE WHEN (of_type <> 'document_deleted'::kronika.event_type) THEN kronika.living_document(company, document) ELSE NULL::json END);

CREATE FUNCTION kronika.enter(token_hash bytea) RETURNS TABLE(company_id bigint, token_id bigint, scope kronika.token_scope, company_name text, time_zone text)
    LANGUAGE plpgsql ROWS 1
    AS $$
#variable_conflict use_column
BEGIN
    SELECT * INTO company_id, token_id, scope, company_name, time_zone FROM find_token(token_hash);
    IF FOUND THEN
        PERFORM set_config('kronika.company_id', company_id::text, true);
        RETURN NEXT;
    END IF;
END $$;

CREATE FUNCTION kronika.enter_sandbox(asked bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
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

CREATE TABLE kronika.files_to_remove (
    company_id bigint NOT NULL,
    storage_key text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone NOT NULL
);

CREATE FUNCTION kronika.files_due(most integer) RETURNS TABLE(storage_key text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT f.storage_key
    FROM kronika.files_to_remove f
   WHERE (f.due_at <= ( SELECT kronika.clock() AS clock))
   ORDER BY f.due_at
  LIMIT files_due.most;
END;

CREATE FUNCTION kronika.files_removed(keys text[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH removed AS (
          DELETE FROM kronika.files_to_remove f
            USING unnest(files_removed.keys) gone(key)
           WHERE ((f.company_id = kronika.company_of_file(gone.key)) AND (f.storage_key = gone.key))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM removed;
END;

CREATE TABLE kronika.uploads (
    company_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    storage_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    CONSTRAINT uploads_size_check CHECK ((size > 0))
);

CREATE FUNCTION kronika.files_without_name(keys text[]) RETURNS TABLE(storage_key text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT asked.key
    FROM unnest(files_without_name.keys) asked(key)
   WHERE ((NOT (EXISTS ( SELECT
            FROM kronika.uploads u
           WHERE ((u.company_id = kronika.company_of_file(asked.key)) AND (u.storage_key = asked.key))))) AND (NOT (EXISTS ( SELECT
            FROM kronika.attachments a
           WHERE ((a.company_id = kronika.company_of_file(asked.key)) AND (a.storage_key = asked.key))))) AND (NOT (EXISTS ( SELECT
            FROM kronika.files_to_remove f
           WHERE ((f.company_id = kronika.company_of_file(asked.key)) AND (f.storage_key = asked.key))))));
END;

CREATE TABLE kronika.memberships (
    company_id bigint NOT NULL,
    user_id bigint NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text])))
);

CREATE FUNCTION kronika.is_in_another(who bigint, company bigint) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (EXISTS (SELECT FROM kronika.memberships m WHERE ((m.user_id = is_in_another.who) AND (m.company_id <> is_in_another.company) AND (m.ended_at IS NULL))));

CREATE FUNCTION kronika.is_living_link(created_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql
    RETURN (created_at > (kronika.clock() - '24:00:00'::interval));

CREATE FUNCTION kronika.is_owner(who bigint, company bigint) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (EXISTS (SELECT FROM kronika.memberships m WHERE ((m.company_id = is_owner.company) AND (m.user_id = is_owner.who) AND (m.role = 'owner'::text) AND (m.ended_at IS NULL))));

CREATE TABLE kronika.companies (
    id bigint NOT NULL,
    name text NOT NULL,
    time_zone text DEFAULT 'Europe/Bratislava'::text NOT NULL,
    sandbox_of bigint,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    changes_swept bigint DEFAULT 0 NOT NULL,
    language text,
    CONSTRAINT companies_language_check CHECK ((language = ANY (ARRAY['en'::text, 'sk'::text])))
);

CREATE FUNCTION kronika.may_set_password(master bigint, whose bigint) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN ((master <> whose) AND (EXISTS (SELECT FROM kronika.memberships m WHERE ((m.user_id = may_set_password.whose) AND (m.ended_at IS NULL)))) AND (NOT (EXISTS (SELECT FROM (kronika.memberships m JOIN kronika.companies c ON ((c.id = m.company_id))) WHERE ((m.user_id = may_set_password.whose) AND (m.ended_at IS NULL) AND (NOT (EXISTS (SELECT FROM kronika.memberships o WHERE ((o.company_id = ANY (ARRAY[c.id, c.sandbox_of])) AND (o.user_id = may_set_password.master) AND (o.role = 'owner'::text) AND (o.ended_at IS NULL))))))))));

CREATE TABLE kronika.invitations (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    hash bytea NOT NULL,
    created_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    CONSTRAINT invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text])))
);

CREATE TABLE kronika.password_links (
    hash bytea NOT NULL,
    user_id bigint,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    created_by bigint
);

CREATE TABLE kronika.users (
    id bigint NOT NULL,
    email text,
    email_key text COLLATE pg_catalog."C",
    name text NOT NULL,
    password_hash text,
    language text,
    theme text,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT users_check CHECK (((email IS NULL) = (email_key IS NULL))),
    CONSTRAINT users_check1 CHECK (((removed_at IS NULL) = (email IS NOT NULL))),
    CONSTRAINT users_check2 CHECK (((removed_at IS NULL) OR (password_hash IS NULL))),
    CONSTRAINT users_language_check CHECK ((language = ANY (ARRAY['en'::text, 'sk'::text]))),
    CONSTRAINT users_theme_check CHECK ((theme = ANY (ARRAY['light'::text, 'dark'::text])))
);

CREATE FUNCTION kronika.find_link(link_hash bytea) RETURNS TABLE(kind text, user_id bigint, email text, email_key text, name text, has_password boolean, needs_own_link boolean, company_id bigint, company_name text, language text, without_company boolean)
    LANGUAGE sql SECURITY DEFINER ROWS 1
    BEGIN ATOMIC
 SELECT 'invitation'::text AS kind,
     u.id AS user_id,
     i.email,
     i.email_key,
     u.name,
     (u.password_hash IS NOT NULL) AS has_password,
     ((u.password_hash IS NULL) AND kronika.is_in_another(u.id, i.company_id)) AS needs_own_link,
     c.id AS company_id,
     c.name AS company_name,
     c.language,
     false AS without_company
    FROM ((kronika.invitations i
      JOIN kronika.companies c ON ((c.id = i.company_id)))
      LEFT JOIN kronika.users u ON ((u.email_key = i.email_key)))
   WHERE ((i.hash = find_link.link_hash) AND kronika.is_living_link(i.created_at) AND kronika.is_owner(i.created_by, i.company_id))
 UNION ALL
  SELECT
         CASE
             WHEN (l.user_id IS NULL) THEN 'first'::text
             ELSE 'password'::text
         END AS kind,
     u.id AS user_id,
     u.email,
     u.email_key,
     u.name,
     (u.password_hash IS NOT NULL) AS has_password,
     false AS needs_own_link,
     NULL::bigint AS company_id,
     NULL::text AS company_name,
     u.language,
     (NOT (EXISTS ( SELECT
            FROM kronika.companies))) AS without_company
    FROM (kronika.password_links l
      LEFT JOIN kronika.users u ON ((u.id = l.user_id)))
   WHERE ((l.hash = find_link.link_hash) AND kronika.is_living_link(l.created_at) AND
         CASE
             WHEN (l.user_id IS NULL) THEN (NOT (EXISTS ( SELECT
                FROM kronika.users
               WHERE (users.password_hash IS NOT NULL))))
             ELSE ((l.created_by IS NULL) OR kronika.may_set_password(l.created_by, l.user_id))
         END);
END;

CREATE FUNCTION kronika.is_living_session(created_at timestamp with time zone, last_seen_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql
    RETURN ((last_seen_at > (kronika.clock() - '30 days'::interval)) AND (created_at > (kronika.clock() - '90 days'::interval)));

CREATE TABLE kronika.sessions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    hash bytea NOT NULL,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    last_company bigint
);

CREATE FUNCTION kronika.find_session(session_hash bytea, asked_company bigint, is_visit boolean) RETURNS TABLE(session_id bigint, user_id bigint, email text, name text, language text, theme text, now_is timestamp with time zone, company_ids bigint[], company_names text[], company_sandboxes boolean[], company_id bigint, company_name text, time_zone text, company_language text, role text, is_sandbox boolean)
    LANGUAGE sql SECURITY DEFINER ROWS 1
    BEGIN ATOMIC
 UPDATE kronika.sessions s SET last_seen_at = kronika.clock(), last_company = COALESCE(m.company_id, s.last_company)
    FROM (( SELECT) one
      LEFT JOIN kronika.memberships m ON (((m.company_id = find_session.asked_company) AND (m.ended_at IS NULL) AND (m.user_id = ( SELECT k.user_id
            FROM kronika.sessions k
           WHERE (k.hash = find_session.session_hash))))))
   WHERE (find_session.is_visit AND (s.hash = find_session.session_hash) AND kronika.is_living_session(s.created_at, s.last_seen_at) AND ((s.last_seen_at < (kronika.clock() - '00:01:00'::interval)) OR (m.company_id <> s.last_company) OR ((s.last_company IS NULL) AND (m.company_id IS NOT NULL))));
 SELECT s.id,
     u.id,
     u.email,
     u.name,
     u.language,
     u.theme,
     kronika.clock() AS clock,
     COALESCE(o.ids, '{}'::bigint[]) AS "coalesce",
     COALESCE(o.names, '{}'::text[]) AS "coalesce",
     COALESCE(o.sandboxes, '{}'::boolean[]) AS "coalesce",
     c.id,
     c.name,
     c.time_zone,
     c.language,
     c.role,
     c.is_sandbox
    FROM (((kronika.sessions s
      JOIN kronika.users u ON ((u.id = s.user_id)))
      LEFT JOIN LATERAL ( SELECT array_agg(c_1.id ORDER BY c_1.name, c_1.id) AS ids,
             array_agg(c_1.name ORDER BY c_1.name, c_1.id) AS names,
             array_agg((c_1.sandbox_of IS NOT NULL) ORDER BY c_1.name, c_1.id) AS sandboxes
            FROM (kronika.memberships m
              JOIN kronika.companies c_1 ON ((c_1.id = m.company_id)))
           WHERE ((m.user_id = u.id) AND (m.ended_at IS NULL))) o ON (true))
      LEFT JOIN LATERAL ( SELECT c_1.id,
             c_1.name,
             c_1.time_zone,
             c_1.language,
             m.role,
             (c_1.sandbox_of IS NOT NULL) AS is_sandbox
            FROM (kronika.memberships m
              JOIN kronika.companies c_1 ON ((c_1.id = m.company_id)))
           WHERE ((m.user_id = u.id) AND (m.ended_at IS NULL))
           ORDER BY ((c_1.id = find_session.asked_company) IS TRUE) DESC, ((c_1.id = s.last_company) IS TRUE) DESC, c_1.name, c_1.id
          LIMIT 1) c ON (true))
   WHERE ((s.hash = find_session.session_hash) AND (u.removed_at IS NULL) AND kronika.is_living_session(s.created_at, s.last_seen_at));
END;

CREATE FUNCTION kronika.find_sign_in(key text) RETURNS TABLE(user_id bigint, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    BEGIN ATOMIC
 SELECT u.id,
     u.password_hash
    FROM kronika.users u
   WHERE (u.email_key = find_sign_in.key);
END;

CREATE TABLE kronika.tokens (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    scope kronika.token_scope NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    revoked_at timestamp with time zone,
    created_by kronika.actor_kind NOT NULL,
    created_by_id bigint,
    last_used_at timestamp with time zone
);

CREATE FUNCTION kronika.find_token(token_hash bytea) RETURNS TABLE(company_id bigint, token_id bigint, scope kronika.token_scope, company_name text, time_zone text)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    BEGIN ATOMIC
 SELECT t.company_id,
     t.id,
     t.scope,
     c.name,
     c.time_zone
    FROM (kronika.tokens t
      JOIN kronika.companies c ON ((c.id = t.company_id)))
   WHERE ((t.hash = find_token.token_hash) AND (t.revoked_at IS NULL));
END;

CREATE FUNCTION kronika.first_matching_cases(words text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    AS $$
BEGIN
    RETURN QUERY SELECT unnest(first_rows(
        format('business_cases WHERE company_id = %L AND deleted_at IS NULL', current_company()),
        search_conditions(words, NULL), 'id DESC', most));
END $$;

CREATE FUNCTION kronika.first_matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
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

CREATE FUNCTION kronika.first_matching_documents(words text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
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

CREATE FUNCTION kronika.first_rows(source text, conditions text, in_order text, most integer) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    AS $$
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

CREATE TABLE kronika.installation (
    only_row boolean DEFAULT true NOT NULL,
    secret_check bytea NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    files_searched_at timestamp with time zone,
    CONSTRAINT installation_only_row_check CHECK (only_row)
);

CREATE FUNCTION kronika.give_back_search_for_files() RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 UPDATE kronika.installation SET files_searched_at = NULL::timestamp with time zone
   RETURNING true;
END;

CREATE FUNCTION kronika.hit_rate_window(company bigint, rate_limit integer, OUT remaining integer, OUT resets_at timestamp with time zone, OUT resets_in interval) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.hit_sign_in_window(window_key bytea, most integer) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
DECLARE
    now_is timestamptz := clock();
    expired_before timestamptz := now_is - interval '15 minutes';
    opens_at timestamptz;
BEGIN
    LOOP
        INSERT INTO sign_in_windows AS w (key, started_at, hits) VALUES (window_key, now_is, 1)
        ON CONFLICT (key) DO UPDATE SET
            started_at = CASE WHEN w.started_at <= expired_before THEN now_is ELSE w.started_at END,
            hits = CASE WHEN w.started_at <= expired_before THEN 1 ELSE w.hits + 1 END
        WHERE w.started_at <= expired_before OR w.hits < most;
        IF FOUND THEN
            RETURN NULL;
        END IF;
        SELECT w.started_at + interval '15 minutes' INTO opens_at FROM sign_in_windows w WHERE w.key = window_key;
        IF FOUND THEN
            RETURN opens_at;
        END IF;
        -- Swept between the two statements: the window is free.
    END LOOP;
END $$;

CREATE FUNCTION kronika.keep_event_words(company bigint, event bigint, words text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE UNLOGGED TABLE kronika.listeners (
    id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    companies bigint[] NOT NULL
);

CREATE FUNCTION kronika.keep_listening(listener uuid, listens_to bigint[], seconds integer) RETURNS boolean
    LANGUAGE sql
    BEGIN ATOMIC
 DELETE FROM kronika.listeners
   WHERE (listeners.expires_at < (clock_timestamp() - '00:01:00'::interval));
 INSERT INTO kronika.listeners (id, expires_at, companies)
   VALUES (keep_listening.listener, (clock_timestamp() + ((keep_listening.seconds)::double precision * '00:00:01'::interval)), keep_listening.listens_to) ON CONFLICT(id) DO UPDATE SET expires_at = excluded.expires_at, companies = excluded.companies
   RETURNING true;
END;

CREATE FUNCTION kronika.keep_token_uses(hashes bytea[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH used AS (
          UPDATE kronika.tokens SET last_used_at = kronika.clock()
           WHERE (tokens.ctid = ANY (ARRAY( SELECT t.ctid
                    FROM kronika.tokens t
                   WHERE ((t.hash = ANY (keep_token_uses.hashes)) AND ((t.last_used_at IS NULL) OR (t.last_used_at <= (( SELECT kronika.clock() AS clock) - '01:00:00'::interval))))
                  FOR NO KEY UPDATE OF t SKIP LOCKED)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM used;
END;

CREATE FUNCTION kronika.keep_webhooks(claimer uuid, companies bigint[], subscriptions bigint[], seconds double precision) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH kept AS (
          UPDATE kronika.webhook_states w SET held_until = (clock_timestamp() + (keep_webhooks.seconds * '00:00:01'::interval))
            FROM UNNEST(keep_webhooks.companies, keep_webhooks.subscriptions) served(company_id, subscription_id)
           WHERE ((w.company_id = served.company_id) AND (w.subscription_id = served.subscription_id) AND (w.holder = keep_webhooks.claimer))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM kept;
END;

CREATE FUNCTION kronika.leave_webhook(company bigint, subscription bigint, claimer uuid, seconds double precision) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('kronika.company_id', company::text, true);
    UPDATE webhook_states SET holder = NULL, held_until = clock_timestamp() + seconds * interval '1 second'
    WHERE company_id = company AND subscription_id = subscription AND holder = claimer;
    RETURN FOUND;
END $$;

CREATE FUNCTION kronika.leave_webhooks(claimer uuid) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH left_alone AS (
          UPDATE kronika.webhook_states SET holder = NULL::uuid, held_until = NULL::timestamp with time zone
           WHERE (webhook_states.holder = leave_webhooks.claimer)
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM left_alone;
END;

CREATE FUNCTION kronika.listened_companies(besides uuid) RETURNS bigint[]
    LANGUAGE sql
    RETURN (SELECT COALESCE(array_agg(DISTINCT company.company), '{}'::bigint[]) AS "coalesce" FROM kronika.listeners, LATERAL unnest(listeners.companies) company(company) WHERE ((listeners.expires_at > clock_timestamp()) AND (listeners.id <> listened_companies.besides)));

CREATE FUNCTION kronika.local_iso8601(at timestamp with time zone, zone text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((to_char((at AT TIME ZONE zone), 'YYYY-MM-DD"T"HH24:MI:SS'::text) || CASE WHEN ((at AT TIME ZONE zone) < (at AT TIME ZONE 'UTC'::text)) THEN '-'::text ELSE '+'::text END) || to_char(GREATEST(((at AT TIME ZONE zone) - (at AT TIME ZONE 'UTC'::text)), ((at AT TIME ZONE 'UTC'::text) - (at AT TIME ZONE zone))), 'HH24:MI'::text));

CREATE FUNCTION kronika.mark_journal(OUT upto bigint, OUT bound bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- First the number, then the id.
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO upto FROM change_positions;
    bound := pg_current_xact_id()::text::bigint;
END $$;

CREATE FUNCTION kronika.matching_cases(words text[], of_contact bigint, of_column boolean, of_status bigint, sort_by text, descending boolean) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    AS $_$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id FROM business_cases WHERE company_id = $1 AND deleted_at IS NULL%s%s%s ORDER BY %s %s, id %5$s',
        search_conditions(words, NULL),
        CASE WHEN of_contact IS NOT NULL THEN ' AND contact_id = $2' END,
        CASE WHEN NOT of_column THEN '' WHEN of_status IS NULL THEN ' AND status_id IS NULL' ELSE ' AND status_id = $3' END,
        CASE sort_by WHEN 'id' THEN 'id' WHEN 'name' THEN 'sort_name' WHEN 'createdAt' THEN 'created_at'
            WHEN 'updatedAt' THEN 'updated_at' WHEN 'boardPosition' THEN 'board_position' END,
        CASE WHEN descending THEN 'DESC' ELSE 'ASC' END)
    USING current_company(), of_contact, of_status;
END $_$;

CREATE FUNCTION kronika.matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], of_type kronika.contact_type, of_subject_id text, of_tax_id text, of_vat_id text, of_country integer, sort_by text, descending boolean) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    AS $_$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id FROM contacts WHERE company_id = $1 AND deleted_at IS NULL%s%s%s%s%s%s%s ORDER BY %s %s, id %9$s',
        search_conditions(words, countries),
        CASE WHEN of_kind IS NOT NULL THEN ' AND kind = $2' END,
        CASE WHEN of_type IS NOT NULL THEN ' AND type = $3' END,
        CASE WHEN of_subject_id IS NOT NULL THEN ' AND subject_id = $4' END,
        CASE WHEN of_tax_id IS NOT NULL THEN ' AND tax_id = $5' END,
        CASE WHEN of_vat_id IS NOT NULL THEN ' AND vat_id = $6' END,
        CASE WHEN of_country IS NOT NULL THEN ' AND country_id = $7' END,
        CASE sort_by WHEN 'name' THEN 'sort_name' WHEN 'city' THEN 'folded_city' WHEN 'zip' THEN 'zip COLLATE "C"'
            WHEN 'countryId' THEN 'country_id' WHEN 'createdAt' THEN 'created_at' WHEN 'updatedAt' THEN 'updated_at' END,
        CASE WHEN descending THEN 'DESC' ELSE 'ASC' END)
    USING current_company(), of_kind, of_type, of_subject_id, of_tax_id, of_vat_id, of_country;
END $_$;

CREATE FUNCTION kronika.matching_events(words text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'kronika', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    SET plan_cache_mode TO 'force_generic_plan'
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

CREATE FUNCTION kronika.move_webhook_stretch(company bigint, subscription bigint, stretch bigint, reach bigint) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 DELETE FROM kronika.webhook_stretches
   WHERE ((webhook_stretches.company_id = move_webhook_stretch.company) AND (webhook_stretches.subscription_id = move_webhook_stretch.subscription) AND (webhook_stretches.id = move_webhook_stretch.stretch) AND (webhook_stretches.upto <= move_webhook_stretch.reach));
 UPDATE kronika.webhook_stretches SET cursor = move_webhook_stretch.reach
   WHERE ((webhook_stretches.company_id = move_webhook_stretch.company) AND (webhook_stretches.subscription_id = move_webhook_stretch.subscription) AND (webhook_stretches.id = move_webhook_stretch.stretch) AND (webhook_stretches.cursor < move_webhook_stretch.reach));
END;

CREATE FUNCTION kronika.names_of_users(ids bigint[]) RETURNS TABLE(user_id bigint, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT u.id,
     u.name
    FROM (kronika.memberships m
      JOIN kronika.users u ON ((u.id = m.user_id)))
   WHERE ((m.company_id = kronika.current_company()) AND (m.user_id = ANY (names_of_users.ids)));
END;

CREATE FUNCTION kronika.no_events() RETURNS integer[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{0,0,0,0,0,0,0,0}'::integer[];

CREATE FUNCTION kronika.oldest_transaction() RETURNS bigint
    LANGUAGE sql
    RETURN ((pg_snapshot_xmin(pg_current_snapshot()))::text)::bigint;

CREATE FUNCTION kronika.people_of_company() RETURNS TABLE(user_id bigint, name text, email text, role text, has_password boolean, may_reset boolean, last_seen_at timestamp with time zone, ended_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT u.id,
     u.name,
         CASE
             WHEN (m.ended_at IS NULL) THEN u.email
             ELSE NULL::text
         END AS "case",
     m.role,
     (u.password_hash IS NOT NULL),
     kronika.may_set_password(kronika.current_signed_in(), u.id) AS may_set_password,
         CASE
             WHEN (m.ended_at IS NULL) THEN ( SELECT max(s.last_seen_at) AS max
                FROM kronika.sessions s
               WHERE ((s.user_id = u.id) AND (s.last_company = m.company_id)))
             ELSE NULL::timestamp with time zone
         END AS "case",
     m.ended_at
    FROM (kronika.memberships m
      JOIN kronika.users u ON ((u.id = m.user_id)))
   WHERE (m.company_id = kronika.current_company())
   ORDER BY u.name, u.id;
END;

CREATE FUNCTION kronika.placed_words(company bigint, stretch integer, words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (CASE WHEN (words = ''::text) THEN ''::text ELSE replace((' '::text || words), ' '::text, ((((' '::text || company) || '.'::text) || stretch) || '/'::text)) END)::tsvector;

CREATE FUNCTION kronika.put_password_link(whose bigint, link_hash bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
BEGIN
    -- Held, so that he does not join another company meanwhile.
    PERFORM FROM users WHERE id = whose AND removed_at IS NULL FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (
        SELECT FROM memberships m WHERE m.user_id = whose AND m.company_id = current_company() AND m.ended_at IS NULL
    ) OR NOT may_set_password(current_signed_in(), whose) THEN
        RETURN false;
    END IF;
    INSERT INTO password_links (hash, user_id, created_by) VALUES (link_hash, whose, current_signed_in())
    ON CONFLICT (user_id) DO UPDATE
        SET hash = excluded.hash, created_at = excluded.created_at, created_by = excluded.created_by;
    RETURN true;
END $$;

CREATE FUNCTION kronika.record_document_events(company bigint, by_kind kronika.actor_kind, by_id bigint, on_timelines bigint[], types kronika.event_type[], documents bigint[], numbers text[], amounts numeric[], currencies smallint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.record_event(token_hash bytea, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT company bigint, OUT answer bytea) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.record_event_of(company bigint, zone text, by_kind kronika.actor_kind, by_id bigint, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT answer bytea) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.record_webhook_outcomes(company bigint, subscription bigint, claimer uuid, outcomes jsonb, moved jsonb) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.remove_from_company(whose bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
DECLARE
    sandboxes bigint[] := ARRAY(SELECT c.id FROM companies c WHERE c.sandbox_of = current_company());
BEGIN
    -- First, since whoever uses one holds it before his membership.
    DELETE FROM invitations i
    WHERE i.company_id = ANY (current_company() || sandboxes)
        AND (i.created_by = whose OR i.email_key = (SELECT u.email_key FROM users u WHERE u.id = whose));
    -- In one order, so that two owners who act on each other wait and do not block.
    PERFORM FROM memberships m WHERE m.company_id = current_company() AND m.role = 'owner' AND m.ended_at IS NULL
    ORDER BY m.user_id FOR UPDATE;
    UPDATE memberships m SET ended_at = clock()
    WHERE m.company_id = current_company() AND m.user_id = whose AND m.ended_at IS NULL;
    IF NOT FOUND THEN
        RETURN 'nobody';
    ELSIF NOT EXISTS (SELECT FROM memberships m
                      WHERE m.company_id = current_company() AND m.role = 'owner' AND m.ended_at IS NULL) THEN
        RETURN 'last_owner';
    END IF;
    -- Only now: who enters one holds his membership of the company.
    UPDATE memberships m SET ended_at = clock()
    WHERE m.company_id = ANY (sandboxes) AND m.user_id = whose AND m.ended_at IS NULL;
    PERFORM remove_lone_user(whose);
    RETURN 'removed';
END $$;

CREATE FUNCTION kronika.remove_lone_user(whose bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM users WHERE id = whose AND removed_at IS NULL FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM memberships m WHERE m.user_id = whose AND m.ended_at IS NULL) THEN
        RETURN false;
    END IF;
    DELETE FROM sessions WHERE user_id = whose;
    DELETE FROM password_links WHERE user_id = whose;
    UPDATE users SET email = NULL, email_key = NULL, password_hash = NULL, removed_at = clock() WHERE id = whose;
    RETURN true;
END $$;

CREATE FUNCTION kronika.sandboxes_of_company() RETURNS TABLE(id bigint, name text, created_at timestamp with time zone, owners text[], is_mine boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT c.id,
     c.name,
     c.created_at,
     ARRAY( SELECT u.name
            FROM ((kronika.memberships m
              JOIN kronika.memberships here ON (((here.company_id = c.sandbox_of) AND (here.user_id = m.user_id))))
              JOIN kronika.users u ON ((u.id = m.user_id)))
           WHERE ((m.company_id = c.id) AND (m.role = 'owner'::text) AND (m.ended_at IS NULL))
           ORDER BY u.name, u.id) AS owners,
     (EXISTS ( SELECT
            FROM kronika.memberships m
           WHERE ((m.company_id = c.id) AND (m.user_id = kronika.current_signed_in()) AND (m.ended_at IS NULL)))) AS is_mine
    FROM kronika.companies c
   WHERE (c.sandbox_of = kronika.current_company())
   ORDER BY c.id;
END;

CREATE FUNCTION kronika.word_pattern(word text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((CASE WHEN (length(word) < 3) THEN '% '::text ELSE '%'::text END || replace(replace(replace(word, '\'::text, '\\'::text), '%'::text, '\%'::text), '_'::text, '\_'::text)) || '%'::text);

CREATE FUNCTION kronika.search_conditions(words text[], countries text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT string_agg(CASE COALESCE(asked.country, '{}'::text) WHEN '{}'::text THEN format(' AND search_text LIKE %L'::text, kronika.word_pattern(kronika.folded(asked.word))) ELSE format(' AND (search_text LIKE %L OR country_id = ANY (%L::smallint[]))'::text, kronika.word_pattern(kronika.folded(asked.word)), asked.country) END, ''::text) AS string_agg FROM UNNEST(search_conditions.words, search_conditions.countries) asked(word, country));

CREATE FUNCTION kronika.searchable_zip(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((kronika.searchable(value) || ' '::text) || regexp_replace(replace(kronika.folded(value), ' '::text, ''::text), '^(\d{3})(\d{2})$'::text, '\1\2 \1 \2'::text));

CREATE FUNCTION kronika.searched_words(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_string((string_to_array(btrim(regexp_replace(regexp_replace(kronika.folded(value), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e3f\u0e5a\u0e5b\u1680\u180e\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+'::text, ' '::text, 'g'::text), '([^ ]{40})[^ ]+'::text, '\1'::text, 'g'::text)), ' '::text))[:10000], ' '::text);

CREATE FUNCTION kronika.split_block(company bigint, timeline bigint, block_at timestamp with time zone, block_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    middle_at timestamptz;
    middle_id bigint;
    end_at timestamptz;
    end_id bigint;
    upper_half integer[];
BEGIN
    SELECT b.starts_at, b.starts_id INTO end_at, end_id FROM timeline_blocks b
    WHERE b.company_id = company AND b.timeline_id = timeline AND (b.starts_at, b.starts_id) > (block_at, block_id)
    ORDER BY b.starts_at, b.starts_id LIMIT 1;
    IF NOT FOUND THEN
        SELECT t.tail_at, t.tail_id INTO end_at, end_id FROM timelines t
        WHERE t.company_id = company AND t.id = timeline;
    END IF;
    SELECT e.created_at, e.id INTO middle_at, middle_id FROM events e
    WHERE e.company_id = company AND e.timeline_id = timeline AND e.deleted_at IS NULL
        AND (e.created_at, e.id) >= (block_at, block_id) AND (e.created_at, e.id) < (end_at, end_id)
    ORDER BY e.created_at, e.id OFFSET block_size() LIMIT 1;
    SELECT array_agg(n ORDER BY number) INTO upper_half FROM (
        SELECT number, count(e.id)::integer AS n
        FROM generate_series(1, 8) number
        LEFT JOIN events e ON type_number(e.type) = number
            AND e.company_id = company AND e.timeline_id = timeline AND e.deleted_at IS NULL
            AND (e.created_at, e.id) >= (middle_at, middle_id) AND (e.created_at, e.id) < (end_at, end_id)
        GROUP BY number) counted;
    INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
    VALUES (company, timeline, middle_at, middle_id, upper_half);
    UPDATE timeline_blocks b
    SET counts = (SELECT array_agg(old.n - new.n ORDER BY old.o)
                  FROM unnest(b.counts) WITH ORDINALITY old (n, o)
                  JOIN unnest(upper_half) WITH ORDINALITY new (n, o) USING (o))
    WHERE b.company_id = company AND b.timeline_id = timeline
        AND b.starts_at = block_at AND b.starts_id = block_id;
END $$;

CREATE FUNCTION kronika.stays_owner() RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM memberships m WHERE m.company_id = current_company() AND m.user_id = current_signed_in()
        AND m.role = 'owner' AND m.ended_at IS NULL FOR SHARE;
    RETURN FOUND;
END $$;

CREATE TABLE kronika.idempotency_keys (
    company_id bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    body bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE FUNCTION kronika.stored_answer(company bigint, asked_key text, print bytea, now_is timestamp with time zone) RETURNS TABLE(same boolean, status smallint, body bytea)
    LANGUAGE sql STABLE ROWS 1
    BEGIN ATOMIC
 SELECT (k.fingerprint = stored_answer.print),
     k.status,
     k.body
    FROM kronika.idempotency_keys k
   WHERE ((k.company_id = stored_answer.company) AND (k.key = stored_answer.asked_key) AND (k.created_at > (stored_answer.now_is - '72:00:00'::interval)));
END;

CREATE FUNCTION kronika.stretch_size() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 16384;

CREATE FUNCTION kronika.sweep_changes(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.changes
           WHERE (changes.ctid = ANY (ARRAY( SELECT changes_1.ctid
                    FROM kronika.changes changes_1
                   WHERE (changes_1.occurred_at <= (( SELECT kronika.clock() AS clock) - '90 days'::interval))
                   ORDER BY changes_1.occurred_at
                  LIMIT sweep_changes.most
                  FOR UPDATE OF changes_1 SKIP LOCKED)))
           RETURNING changes.company_id,
             changes."position"
         ), last AS (
          SELECT swept_1.company_id,
             max(swept_1."position") AS "position"
            FROM swept swept_1
           GROUP BY swept_1.company_id
         ), told AS (
          UPDATE kronika.companies c SET changes_swept = GREATEST(c.changes_swept, last."position")
            FROM last
           WHERE (c.id = last.company_id)
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE FUNCTION kronika.sweep_event_words(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
DECLARE
    ended ended_timelines;
    looked bigint;
    last_at timestamptz(0);
    last_id bigint;
    total bigint := 0;
BEGIN
    WHILE total < most LOOP
        SELECT t.* INTO ended FROM ended_timelines t
        ORDER BY t.company_id, t.timeline_id LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        WITH those AS MATERIALIZED (
            SELECT e.created_at, e.id FROM events e
            WHERE e.company_id = ended.company_id AND e.timeline_id = ended.timeline_id AND e.deleted_at IS NULL
                AND (e.created_at, e.id) > (ended.after_at, ended.after_id)
            ORDER BY e.created_at, e.id LIMIT most - total
        ), taken AS (
            DELETE FROM event_words w USING those WHERE w.company_id = ended.company_id AND w.event_id = those.id
        )
        SELECT count(*), (array_agg(created_at ORDER BY created_at DESC, id DESC))[1],
            (array_agg(id ORDER BY created_at DESC, id DESC))[1]
        INTO looked, last_at, last_id FROM those;
        IF looked < most - total THEN
            DELETE FROM ended_timelines t
            WHERE t.company_id = ended.company_id AND t.timeline_id = ended.timeline_id;
        ELSE
            UPDATE ended_timelines t SET after_at = last_at, after_id = last_id
            WHERE t.company_id = ended.company_id AND t.timeline_id = ended.timeline_id;
        END IF;
        total := total + greatest(looked, 1);
    END LOOP;
    RETURN total;
END $$;

CREATE FUNCTION kronika.sweep_idempotency_keys(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.idempotency_keys
           WHERE (idempotency_keys.ctid = ANY (ARRAY( SELECT idempotency_keys_1.ctid
                    FROM kronika.idempotency_keys idempotency_keys_1
                   WHERE (idempotency_keys_1.created_at <= (( SELECT kronika.clock() AS clock) - '72:00:00'::interval))
                   ORDER BY idempotency_keys_1.created_at
                  LIMIT sweep_idempotency_keys.most
                  FOR UPDATE OF idempotency_keys_1 SKIP LOCKED)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE FUNCTION kronika.sweep_links(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH passwords AS (
          DELETE FROM kronika.password_links
           WHERE (NOT kronika.is_living_link(password_links.created_at))
           RETURNING 1 AS "?column?"
         ), invited AS (
          DELETE FROM kronika.invitations
           WHERE (invitations.ctid IN ( SELECT invitations_1.ctid
                    FROM kronika.invitations invitations_1
                   WHERE (NOT kronika.is_living_link(invitations_1.created_at))
                  LIMIT sweep_links.most
                  FOR UPDATE OF invitations_1 SKIP LOCKED))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM invited;
END;

CREATE UNLOGGED TABLE kronika.rate_windows (
    company_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    hits integer NOT NULL
)
WITH (fillfactor='50');

CREATE FUNCTION kronika.sweep_rate_windows(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.rate_windows
           WHERE (rate_windows.ctid IN ( SELECT rate_windows_1.ctid
                    FROM kronika.rate_windows rate_windows_1
                   WHERE (rate_windows_1.started_at <= (kronika.clock() - '00:01:00'::interval))
                  LIMIT sweep_rate_windows.most
                  FOR UPDATE OF rate_windows_1 SKIP LOCKED))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE FUNCTION kronika.sweep_sessions(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.sessions
           WHERE (sessions.ctid = ANY (ARRAY( SELECT unvisited.ctid
                    FROM ( SELECT sessions_1.ctid
                            FROM kronika.sessions sessions_1
                           WHERE (sessions_1.last_seen_at <= (( SELECT kronika.clock() AS clock) - '30 days'::interval))
                           ORDER BY sessions_1.last_seen_at
                          LIMIT sweep_sessions.most
                          FOR UPDATE OF sessions_1 SKIP LOCKED) unvisited
                 UNION ALL
                  SELECT old.ctid
                    FROM ( SELECT sessions_1.ctid
                            FROM kronika.sessions sessions_1
                           WHERE (sessions_1.created_at <= (( SELECT kronika.clock() AS clock) - '90 days'::interval))
                           ORDER BY sessions_1.created_at
                          LIMIT sweep_sessions.most
                          FOR UPDATE OF sessions_1 SKIP LOCKED) old
          LIMIT sweep_sessions.most)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE UNLOGGED TABLE kronika.sign_in_windows (
    key bytea NOT NULL,
    started_at timestamp with time zone NOT NULL,
    hits integer NOT NULL
)
WITH (fillfactor='50');

CREATE FUNCTION kronika.sweep_sign_in_windows(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.sign_in_windows
           WHERE (sign_in_windows.ctid = ANY (ARRAY( SELECT sign_in_windows_1.ctid
                    FROM kronika.sign_in_windows sign_in_windows_1
                   WHERE (sign_in_windows_1.started_at <= (( SELECT kronika.clock() AS clock) - '00:15:00'::interval))
                  LIMIT sweep_sign_in_windows.most
                  FOR UPDATE OF sign_in_windows_1 SKIP LOCKED)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE FUNCTION kronika.sweep_uploads(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.uploads
           WHERE (uploads.ctid = ANY (ARRAY( SELECT uploads_1.ctid
                    FROM kronika.uploads uploads_1
                   WHERE (uploads_1.created_at <= (( SELECT kronika.clock() AS clock) - '24:00:00'::interval))
                   ORDER BY uploads_1.created_at
                  LIMIT sweep_uploads.most
                  FOR UPDATE OF uploads_1 SKIP LOCKED)))
           RETURNING uploads.company_id,
             uploads.storage_key
         ), kept AS (
          INSERT INTO kronika.files_to_remove (company_id, storage_key, due_at)  SELECT swept.company_id,
                     swept.storage_key,
                     kronika.clock() AS clock
                    FROM swept
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM kept;
END;

CREATE FUNCTION kronika.sweep_webhook_deliveries(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH swept AS (
          DELETE FROM kronika.webhook_deliveries
           WHERE (webhook_deliveries.ctid = ANY (ARRAY( SELECT webhook_deliveries_1.ctid
                    FROM kronika.webhook_deliveries webhook_deliveries_1
                   WHERE ((webhook_deliveries_1.created_at <= (( SELECT kronika.clock() AS clock) - '30 days'::interval)) AND ((webhook_deliveries_1.next_attempt_at IS NULL) OR (webhook_deliveries_1.created_at <= (( SELECT kronika.clock() AS clock) - '60 days'::interval))))
                   ORDER BY webhook_deliveries_1.created_at
                  LIMIT sweep_webhook_deliveries.most
                  FOR UPDATE OF webhook_deliveries_1 SKIP LOCKED)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE SEQUENCE kronika.webhook_subscription_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.webhook_subscriptions (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.webhook_subscription_ids'::regclass) NOT NULL,
    name text,
    url text NOT NULL,
    is_active boolean NOT NULL,
    events text[] NOT NULL,
    sealed_secret bytea,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT webhook_subscriptions_check CHECK (((sealed_secret IS NULL) = (deleted_at IS NOT NULL))),
    CONSTRAINT webhook_subscriptions_events_check CHECK ((events <> '{}'::text[]))
);

CREATE FUNCTION kronika.sweep_webhook_subscriptions(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH gone AS MATERIALIZED (
          SELECT s.company_id,
             s.id
            FROM kronika.webhook_subscriptions s
           WHERE ((s.deleted_at <= (( SELECT kronika.clock() AS clock) - '30 days'::interval)) AND (NOT (EXISTS ( SELECT
                    FROM kronika.webhook_deliveries d
                   WHERE ((d.company_id = s.company_id) AND (d.subscription_id = s.id))))))
           ORDER BY s.deleted_at
          LIMIT sweep_webhook_subscriptions.most
          FOR UPDATE OF s SKIP LOCKED
         ), stretches AS (
          DELETE FROM kronika.webhook_stretches t
            USING gone
           WHERE ((t.company_id = gone.company_id) AND (t.subscription_id = gone.id))
         ), states AS (
          DELETE FROM kronika.webhook_states w
            USING gone
           WHERE ((w.company_id = gone.company_id) AND (w.subscription_id = gone.id))
         ), swept AS (
          DELETE FROM kronika.webhook_subscriptions s
            USING gone
           WHERE ((s.company_id = gone.company_id) AND (s.id = gone.id))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM swept;
END;

CREATE FUNCTION kronika.take_key(company bigint, new_key text, print bytea, answer_status smallint, answer bytea, now_is timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION kronika.take_search_for_files() RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 WITH taken AS (
          UPDATE kronika.installation SET files_searched_at = kronika.clock()
           WHERE ((installation.files_searched_at IS NULL) OR (installation.files_searched_at <= (kronika.clock() - '24:00:00'::interval)))
           RETURNING 1 AS "?column?"
         )
  SELECT (EXISTS ( SELECT
            FROM taken)) AS "exists";
END;

CREATE FUNCTION kronika.type_number(type kronika.event_type) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE type WHEN 'note'::kronika.event_type THEN 1 WHEN 'email'::kronika.event_type THEN 2 WHEN 'phone_call'::kronika.event_type THEN 3 WHEN 'document_linked'::kronika.event_type THEN 4 WHEN 'document_created'::kronika.event_type THEN 5 WHEN 'document_updated'::kronika.event_type THEN 6 WHEN 'document_deleted'::kronika.event_type THEN 7 ELSE 8 END;

CREATE FUNCTION kronika.tally(c integer[], type kronika.event_type) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (type IS NULL) THEN ((((((((c)[1] + (c)[2]) + (c)[3]) + (c)[4]) + (c)[5]) + (c)[6]) + (c)[7]) + (c)[8]) ELSE (c)[kronika.type_number(type)] END;

CREATE FUNCTION kronika.timeline_page(token_hash bytea, target_kind kronika.timeline_kind, target bigint, wanted kronika.event_type, page bigint, per_page integer, OUT outcome kronika.reading, OUT company bigint, OUT time_zone text, OUT total integer, OUT events json) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
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

CREATE FUNCTION kronika.use_first_link(link_hash bytea, new_email text, new_key text, new_name text, new_hash text, new_company text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
DECLARE
    whose bigint;
BEGIN
    DELETE FROM password_links l WHERE l.hash = link_hash AND l.user_id IS NULL AND is_living_link(l.created_at);
    IF NOT FOUND OR EXISTS (SELECT FROM users WHERE password_hash IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO users (email, email_key, name, password_hash) VALUES (new_email, new_key, new_name, new_hash)
    ON CONFLICT (email_key) DO UPDATE SET email = new_email, name = new_name, password_hash = new_hash
    RETURNING id INTO whose;
    IF new_company IS NOT NULL AND NOT EXISTS (SELECT FROM companies) THEN
        INSERT INTO companies (name) VALUES (new_company);
    END IF;
    INSERT INTO memberships (company_id, user_id, role)
    SELECT c.id, whose, 'owner' FROM companies c
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.company_id = c.id AND m.role = 'owner' AND m.ended_at IS NULL)
    ON CONFLICT (company_id, user_id) DO UPDATE SET role = 'owner', ended_at = NULL;
    RETURN whose;
END $$;

CREATE FUNCTION kronika.use_invitation(link_hash bytea, new_name text, new_hash text, OUT whose bigint, OUT company bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
DECLARE
    used invitations;
    known users;
BEGIN
    DELETE FROM invitations i WHERE i.hash = link_hash AND is_living_link(i.created_at) RETURNING i.* INTO used;
    IF NOT FOUND OR NOT is_owner(used.created_by, used.company_id) THEN
        RETURN;
    END IF;
    SELECT * INTO known FROM users u WHERE u.email_key = used.email_key FOR UPDATE;
    IF known.password_hash IS NOT NULL OR new_hash IS NULL THEN
        whose := (SELECT known.id WHERE known.id = current_signed_in());
    ELSIF known.id IS NULL THEN
        -- Who has become known meanwhile had better begin again.
        INSERT INTO users (email, email_key, name, password_hash) VALUES (used.email, used.email_key, new_name, new_hash)
        ON CONFLICT (email_key) DO NOTHING RETURNING id INTO whose;
    ELSIF NOT is_in_another(known.id, used.company_id) THEN
        UPDATE users SET name = new_name, password_hash = new_hash WHERE id = known.id RETURNING id INTO whose;
    END IF;
    IF whose IS NULL THEN
        RETURN;
    END IF;
    company := used.company_id;
    INSERT INTO memberships AS m (company_id, user_id, role) VALUES (company, whose, used.role)
    ON CONFLICT (company_id, user_id) DO UPDATE SET
        -- Who is a member already keeps what he is: an old link takes nothing away.
        role = CASE WHEN m.ended_at IS NULL AND m.role = 'owner' THEN m.role ELSE excluded.role END,
        ended_at = NULL;
    -- What an owner of where he was alone might have kept.
    DELETE FROM password_links l WHERE l.user_id = whose AND l.created_by IS NOT NULL;
END $$;

CREATE FUNCTION kronika.use_password_link(link_hash bytea, new_name text, new_hash text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'kronika', 'pg_temp'
    AS $$
DECLARE
    whose bigint;
    master bigint;
BEGIN
    DELETE FROM password_links l WHERE l.hash = link_hash AND l.user_id IS NOT NULL AND is_living_link(l.created_at)
    RETURNING l.user_id, l.created_by INTO whose, master;
    -- Held, so that he does not join another company meanwhile.
    PERFORM FROM users WHERE id = whose FOR UPDATE;
    IF master IS NOT NULL AND NOT may_set_password(master, whose) THEN
        RETURN NULL;
    END IF;
    UPDATE users SET password_hash = new_hash, name = new_name WHERE id = whose AND removed_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM sessions WHERE user_id = whose;
    RETURN whose;
END $$;

CREATE FUNCTION kronika.webhook_backlog(OUT change_seconds double precision, OUT delivery_seconds double precision) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 WITH active AS (
          SELECT webhook_states.company_id,
             webhook_states.subscription_id
            FROM kronika.webhook_states
           WHERE (webhook_states.is_active AND (NOT webhook_states.is_deleted))
         )
  SELECT (GREATEST((0)::numeric, EXTRACT(epoch FROM (kronika.clock() - ( SELECT min(behind.since) AS min
            FROM (active
              JOIN kronika.webhook_stretches s USING (company_id, subscription_id)),
             LATERAL ( SELECT looked.occurred_at AS since
                    FROM ( SELECT c."position",
                             c.type,
                             c.occurred_at,
                             row_number() OVER (ORDER BY c."position") AS place
                            FROM kronika.changes c
                           WHERE ((c.company_id = s.company_id) AND (c."position" > s.cursor) AND (c."position" <= COALESCE(s.upto, '9223372036854775807'::bigint)))
                           ORDER BY c."position"
                          LIMIT 20) looked
                   WHERE ((looked.type = ANY (s.events)) OR (looked.place = 20))
                   ORDER BY looked."position"
                  LIMIT 1) behind
           WHERE (s.occurred_from IS NULL))))))::double precision AS "greatest",
     (GREATEST((0)::numeric, EXTRACT(epoch FROM (kronika.clock() - ( SELECT min(due.next_attempt_at) AS min
            FROM active,
             LATERAL ( SELECT d.next_attempt_at
                    FROM kronika.webhook_deliveries d
                   WHERE ((d.company_id = active.company_id) AND (d.subscription_id = active.subscription_id) AND (d.next_attempt_at IS NOT NULL) AND (d.next_attempt_at <= ( SELECT kronika.clock() AS clock)))
                   ORDER BY d.next_attempt_at
                  LIMIT 1) due)))))::double precision AS "greatest";
END;

CREATE FUNCTION kronika.webhook_companies() RETURNS TABLE(company_id bigint, subscriptions bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT w.company_id,
     count(*) AS count
    FROM kronika.webhook_states w
   WHERE (NOT w.is_deleted)
   GROUP BY w.company_id;
END;

CREATE FUNCTION kronika.webhook_item(d kronika.webhook_deliveries) RETURNS json
    LANGUAGE sql STABLE
    RETURN json_build_object('delivery', (d).id, 'made', cardinality((d).attempts), 'cause', (d).cause, 'change', (d).change_id, 'type', (d).type, 'resource', (d).resource_id, 'occurred', (d).occurred_at);

CREATE FUNCTION kronika.webhook_next_attempt(delivered boolean, at timestamp with time zone, milliseconds integer, pause double precision) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (NOT delivered) THEN (at + ((pause + (((milliseconds)::numeric / 1000.0))::double precision) * '00:00:01'::interval)) ELSE NULL::timestamp with time zone END;

CREATE FUNCTION kronika.webhook_state_after(delivered boolean, pause double precision) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN delivered THEN 'delivered'::text WHEN (pause IS NULL) THEN 'failed'::text ELSE 'pending'::text END;

CREATE FUNCTION kronika.webhook_work(company bigint, subscription bigint, claimer uuid, horizon bigint, most integer, OUT is_held boolean, OUT url text, OUT sealed_secret bytea, OUT now_is timestamp with time zone, OUT next_due timestamp with time zone, OUT work text) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE TABLE kronika.business_case_statuses (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    color text NOT NULL,
    "position" integer NOT NULL,
    deleted_at timestamp with time zone
);

ALTER TABLE kronika.business_case_statuses ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.business_case_statuses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kronika.business_cases (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    contact_id bigint NOT NULL,
    status_id bigint,
    board_position integer NOT NULL,
    name text NOT NULL,
    description text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    sort_name text GENERATED ALWAYS AS (kronika.sort_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    search_text text GENERATED ALWAYS AS ((kronika.searchable(name) || COALESCE(kronika.searchable(description), ''::text))) STORED NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE kronika.companies ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kronika.company_activity (
    company_id bigint NOT NULL,
    time_zone text NOT NULL,
    upto bigint NOT NULL,
    months date[] NOT NULL,
    events bigint[] NOT NULL
);

CREATE TABLE kronika.contact_counts (
    company_id bigint NOT NULL,
    kind kronika.contact_kind NOT NULL,
    type kronika.contact_type NOT NULL,
    country_id smallint NOT NULL,
    slot smallint NOT NULL,
    n bigint NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE kronika.contacts (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    kind kronika.contact_kind NOT NULL,
    type kronika.contact_type NOT NULL,
    name text NOT NULL,
    subject_id text,
    tax_id text,
    vat_id text,
    is_vat_payer boolean NOT NULL,
    email text,
    street text,
    city text,
    zip text,
    country_id smallint,
    delivery_street text,
    delivery_city text,
    delivery_zip text,
    delivery_country_id smallint,
    preferred_delivery_method_id smallint,
    preferred_payment_method_id smallint,
    preferred_currency_id smallint,
    preferred_language_id smallint,
    preferred_due_days smallint,
    preferred_note text,
    preferred_variable_symbol bigint,
    preferred_constant_symbol smallint,
    preferred_specific_symbol bigint,
    preferred_text_above_items text,
    stripe_customer_id text,
    systemeio_contact_id bigint,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    kind_number smallint GENERATED ALWAYS AS (
CASE kind
    WHEN 'client'::kronika.contact_kind THEN 1
    ELSE 2
END) STORED NOT NULL,
    sort_name text GENERATED ALWAYS AS (kronika.sort_key(name)) STORED NOT NULL COLLATE pg_catalog."C",
    folded_city text GENERATED ALWAYS AS ("left"(kronika.folded(city), 200)) STORED COLLATE pg_catalog."C",
    search_text text GENERATED ALWAYS AS (((kronika.searchable(name) || COALESCE(kronika.searchable(city), ''::text)) || COALESCE(kronika.searchable_zip(zip), ''::text))) STORED NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE kronika.document_payment_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.document_payments (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.document_payment_ids'::regclass) NOT NULL,
    document_id bigint NOT NULL,
    payment_method_id smallint NOT NULL,
    currency_id smallint NOT NULL,
    currency_rate numeric(18,8) NOT NULL,
    payment_date date NOT NULL,
    amount numeric(16,2) NOT NULL,
    settled numeric(18,2) NOT NULL,
    created_at timestamp with time zone DEFAULT kronika.clock() NOT NULL,
    deleted_at timestamp with time zone,
    created_by kronika.actor_kind,
    created_by_id bigint,
    CONSTRAINT document_payments_amount_check CHECK ((amount <> (0)::numeric))
);

CREATE TABLE kronika.ended_timelines (
    company_id bigint NOT NULL,
    timeline_id bigint NOT NULL,
    after_at timestamp(0) with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    after_id bigint DEFAULT 0 NOT NULL
);

CREATE SEQUENCE kronika.event_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.event_stretches (
    company_id bigint NOT NULL,
    stretch integer NOT NULL,
    starts_id bigint NOT NULL
);

CREATE TABLE kronika.event_words (
    company_id bigint NOT NULL,
    event_id bigint NOT NULL,
    stretch integer NOT NULL,
    words tsvector NOT NULL
);

CREATE TABLE kronika.events (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.event_ids'::regclass) NOT NULL,
    timeline_id bigint NOT NULL,
    type kronika.event_type NOT NULL,
    content text,
    email text,
    person_name text,
    phone_number text,
    created_at timestamp(0) with time zone NOT NULL,
    updated_at timestamp(0) with time zone NOT NULL,
    deleted_at timestamp with time zone,
    created_by kronika.actor_kind NOT NULL,
    created_by_id bigint,
    attachments smallint DEFAULT 0 NOT NULL,
    document_id bigint,
    document_number text,
    amount numeric(16,2),
    currency_id smallint,
    CONSTRAINT events_check CHECK (
CASE type
    WHEN 'note'::kronika.event_type THEN ((content IS NOT NULL) AND (num_nonnulls(email, person_name, phone_number, document_id, document_number, amount, currency_id) = 0))
    WHEN 'email'::kronika.event_type THEN ((num_nonnulls(content, email) = 2) AND (num_nonnulls(person_name, phone_number, document_id, document_number, amount, currency_id) = 0))
    WHEN 'phone_call'::kronika.event_type THEN ((num_nonnulls(content, person_name) = 2) AND (num_nonnulls(email, document_id, document_number, amount, currency_id) = 0))
    WHEN 'document_linked'::kronika.event_type THEN ((document_id IS NOT NULL) AND (num_nonnulls(content, email, person_name, phone_number, document_number) = 0))
    WHEN 'document_payment_added'::kronika.event_type THEN ((num_nonnulls(document_id, amount, currency_id) = 3) AND (num_nonnulls(content, email, person_name, phone_number, document_number) = 0))
    WHEN 'document_deleted'::kronika.event_type THEN ((num_nonnulls(document_id, document_number) = 2) AND (num_nonnulls(content, email, person_name, phone_number, amount, currency_id) = 0))
    ELSE ((num_nonnulls(document_id, document_number) = 2) AND (num_nonnulls(content, email, person_name, phone_number) = 0))
END)
);

CREATE TABLE kronika.home_visits (
    company_id bigint NOT NULL,
    user_id bigint NOT NULL,
    seen_id bigint,
    seen_at timestamp with time zone,
    shown_id bigint NOT NULL,
    shown_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE kronika.invitations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.invitations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kronika.journal_horizon (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT journal_horizon_only_row_check CHECK (only_row)
);

CREATE TABLE kronika.migrations (
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE kronika.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kronika.timeline_blocks (
    company_id bigint NOT NULL,
    timeline_id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    starts_id bigint NOT NULL,
    counts integer[] NOT NULL
);

CREATE SEQUENCE kronika.timeline_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE kronika.timelines (
    company_id bigint NOT NULL,
    id bigint DEFAULT nextval('kronika.timeline_ids'::regclass) NOT NULL,
    kind kronika.timeline_kind NOT NULL,
    counts integer[] DEFAULT kronika.no_events() NOT NULL,
    tail_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    tail_id bigint DEFAULT 0 NOT NULL,
    tail_counts integer[] DEFAULT kronika.no_events() NOT NULL,
    deleted_at timestamp with time zone
)
WITH (fillfactor='70');

ALTER TABLE kronika.tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE kronika.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME kronika.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY kronika.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.business_case_statuses
    ADD CONSTRAINT business_case_statuses_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.business_cases
    ADD CONSTRAINT business_cases_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (company_id, "position");

ALTER TABLE ONLY kronika.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kronika.company_activity
    ADD CONSTRAINT company_activity_pkey PRIMARY KEY (company_id);

ALTER TABLE ONLY kronika.contact_counts
    ADD CONSTRAINT contact_counts_pkey PRIMARY KEY (company_id, kind, type, country_id, slot);

ALTER TABLE ONLY kronika.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.document_counts
    ADD CONSTRAINT document_counts_pkey PRIMARY KEY (company_id, type, is_open, slot);

ALTER TABLE ONLY kronika.document_payments
    ADD CONSTRAINT document_payments_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.ended_timelines
    ADD CONSTRAINT ended_timelines_pkey PRIMARY KEY (company_id, timeline_id);

ALTER TABLE ONLY kronika.event_stretches
    ADD CONSTRAINT event_stretches_pkey PRIMARY KEY (company_id, stretch);

ALTER TABLE ONLY kronika.event_words
    ADD CONSTRAINT event_words_pkey PRIMARY KEY (company_id, event_id);

ALTER TABLE ONLY kronika.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.files_to_remove
    ADD CONSTRAINT files_to_remove_pkey PRIMARY KEY (company_id, storage_key);

ALTER TABLE ONLY kronika.home_visits
    ADD CONSTRAINT home_visits_pkey PRIMARY KEY (company_id, user_id);

ALTER TABLE ONLY kronika.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (company_id, key);

ALTER TABLE ONLY kronika.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY kronika.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.journal_horizon
    ADD CONSTRAINT journal_horizon_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY kronika.listeners
    ADD CONSTRAINT listeners_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kronika.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (company_id, user_id);

ALTER TABLE ONLY kronika.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY kronika.password_links
    ADD CONSTRAINT password_links_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY kronika.rate_windows
    ADD CONSTRAINT rate_windows_pkey PRIMARY KEY (company_id);

ALTER TABLE ONLY kronika.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kronika.sign_in_windows
    ADD CONSTRAINT sign_in_windows_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kronika.timeline_blocks
    ADD CONSTRAINT timeline_blocks_pkey PRIMARY KEY (company_id, timeline_id, starts_at, starts_id);

ALTER TABLE ONLY kronika.timelines
    ADD CONSTRAINT timelines_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (company_id, id);

ALTER TABLE ONLY kronika.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (company_id, token_hash);

ALTER TABLE ONLY kronika.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kronika.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (company_id, subscription_id, id);

ALTER TABLE ONLY kronika.webhook_states
    ADD CONSTRAINT webhook_states_pkey PRIMARY KEY (company_id, subscription_id);

ALTER TABLE ONLY kronika.webhook_stretches
    ADD CONSTRAINT webhook_stretches_pkey PRIMARY KEY (company_id, subscription_id, id);

ALTER TABLE ONLY kronika.webhook_subscriptions
    ADD CONSTRAINT webhook_subscriptions_pkey PRIMARY KEY (company_id, id);

CREATE INDEX attachments_by_event ON kronika.attachments USING btree (company_id, event_id, id);

CREATE UNIQUE INDEX attachments_by_file ON kronika.attachments USING btree (company_id, storage_key);

CREATE INDEX business_cases_by_age ON kronika.business_cases USING btree (company_id, id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_column ON kronika.business_cases USING btree (company_id, status_id, board_position) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_contact ON kronika.business_cases USING btree (company_id, contact_id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_creation ON kronika.business_cases USING btree (company_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_name ON kronika.business_cases USING btree (company_id, sort_name, id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_place ON kronika.business_cases USING btree (company_id, board_position, id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_update ON kronika.business_cases USING btree (company_id, updated_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX business_cases_by_words ON kronika.business_cases USING gin (company_id, search_text kronika_extensions.gin_trgm_ops) WHERE (deleted_at IS NULL);

CREATE INDEX changes_by_age ON kronika.changes USING btree (occurred_at);

CREATE INDEX companies_by_parent ON kronika.companies USING btree (sandbox_of, id) WHERE (sandbox_of IS NOT NULL);

CREATE INDEX contacts_by_city ON kronika.contacts USING btree (company_id, kind_number, folded_city, id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_country ON kronika.contacts USING btree (company_id, kind_number, country_id, id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_creation ON kronika.contacts USING btree (company_id, kind_number, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_name ON kronika.contacts USING btree (company_id, kind_number, sort_name, id) INCLUDE (type, country_id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_subject_id ON kronika.contacts USING btree (company_id, subject_id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_tax_id ON kronika.contacts USING btree (company_id, tax_id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_update ON kronika.contacts USING btree (company_id, kind_number, updated_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_vat_id ON kronika.contacts USING btree (company_id, vat_id) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_words ON kronika.contacts USING gin (company_id, search_text kronika_extensions.gin_trgm_ops) WITH (fastupdate=off) WHERE (deleted_at IS NULL);

CREATE INDEX contacts_by_zip ON kronika.contacts USING btree (company_id, kind_number, zip COLLATE "C", id) WHERE (deleted_at IS NULL);

CREATE INDEX document_payments_by_document ON kronika.document_payments USING btree (company_id, document_id, payment_date, id) WHERE (deleted_at IS NULL);

CREATE INDEX documents_by_case ON kronika.documents USING btree (company_id, business_case_id, issue_date, id) WHERE (is_living AND (business_case_id IS NOT NULL));

CREATE INDEX documents_by_contact ON kronika.documents USING btree (company_id, contact_id, issue_date, id) WHERE is_living;

CREATE INDEX documents_by_due_date ON kronika.documents USING btree (company_id, due_date, id) INCLUDE (type, is_open) WHERE is_living;

CREATE UNIQUE INDEX documents_by_feed_id ON kronika.documents USING btree (company_id, type, document_id) WHERE (deleted_at IS NULL);

CREATE INDEX documents_by_issue_date ON kronika.documents USING btree (company_id, issue_date, id) INCLUDE (type, is_open) WHERE is_living;

CREATE INDEX documents_by_number ON kronika.documents USING btree (company_id, sort_number, id) INCLUDE (type, is_open) WHERE is_living;

CREATE INDEX documents_by_total ON kronika.documents USING btree (company_id, total, id) INCLUDE (type, is_open) WHERE is_living;

CREATE INDEX documents_by_type ON kronika.documents USING btree (company_id, type, issue_date, id) INCLUDE (is_open) WHERE is_living;

CREATE INDEX documents_by_update ON kronika.documents USING btree (company_id, updated_at, id) INCLUDE (type, is_open) WHERE is_living;

CREATE INDEX documents_by_words ON kronika.documents USING gin (company_id, search_text kronika_extensions.gin_trgm_ops) WHERE is_living;

CREATE INDEX documents_open ON kronika.documents USING btree (company_id, due_date, id) INCLUDE (type, contact_kind, currency_id, to_be_paid) WHERE (is_living AND is_open);

CREATE INDEX event_words_by_word ON kronika.event_words USING gin (words) WITH (fastupdate='on', gin_pending_list_limit='64');

CREATE INDEX events_by_document ON kronika.events USING btree (company_id, document_id, created_at, id) WHERE ((document_id IS NOT NULL) AND (deleted_at IS NULL));

CREATE INDEX events_by_time ON kronika.events USING btree (company_id, timeline_id, created_at, id, type) WHERE (deleted_at IS NULL);

CREATE INDEX events_with_files ON kronika.events USING btree (company_id, timeline_id, created_at, id) WHERE ((attachments > 0) AND (deleted_at IS NULL));

CREATE INDEX files_to_remove_by_time ON kronika.files_to_remove USING btree (due_at);

CREATE INDEX idempotency_keys_by_age ON kronika.idempotency_keys USING btree (created_at);

CREATE UNIQUE INDEX invitations_by_email ON kronika.invitations USING btree (company_id, email_key);

CREATE UNIQUE INDEX invitations_by_hash ON kronika.invitations USING btree (hash);

CREATE INDEX memberships_by_user ON kronika.memberships USING btree (user_id, company_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX password_links_by_user ON kronika.password_links USING btree (user_id) NULLS NOT DISTINCT;

CREATE INDEX sessions_by_age ON kronika.sessions USING btree (created_at);

CREATE UNIQUE INDEX sessions_by_hash ON kronika.sessions USING btree (hash);

CREATE INDEX sessions_by_last_visit ON kronika.sessions USING btree (last_seen_at);

CREATE INDEX sessions_by_user ON kronika.sessions USING btree (user_id);

CREATE UNIQUE INDEX tokens_by_hash ON kronika.tokens USING btree (hash);

CREATE INDEX uploads_by_age ON kronika.uploads USING btree (created_at);

CREATE UNIQUE INDEX uploads_by_file ON kronika.uploads USING btree (company_id, storage_key);

CREATE UNIQUE INDEX users_by_email ON kronika.users USING btree (email_key);

CREATE INDEX webhook_deliveries_by_age ON kronika.webhook_deliveries USING btree (created_at);

CREATE INDEX webhook_deliveries_due ON kronika.webhook_deliveries USING btree (company_id, subscription_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);

CREATE INDEX webhook_deliveries_tests ON kronika.webhook_deliveries USING btree (company_id, subscription_id, next_attempt_at) WHERE ((next_attempt_at IS NOT NULL) AND (cause = 'test'::text));

CREATE INDEX webhook_deliveries_troubled ON kronika.webhook_deliveries USING btree (company_id, subscription_id, state, id) WHERE (state <> 'delivered'::text);

CREATE UNIQUE INDEX webhook_stretches_open ON kronika.webhook_stretches USING btree (company_id, subscription_id) WHERE (upto IS NULL);

CREATE INDEX webhook_subscriptions_deleted ON kronika.webhook_subscriptions USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

ALTER TABLE ONLY kronika.attachments
    ADD CONSTRAINT attachments_company_id_event_id_fkey FOREIGN KEY (company_id, event_id) REFERENCES kronika.events(company_id, id);

ALTER TABLE ONLY kronika.business_case_statuses
    ADD CONSTRAINT business_case_statuses_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.business_cases
    ADD CONSTRAINT business_cases_company_id_contact_id_fkey FOREIGN KEY (company_id, contact_id) REFERENCES kronika.contacts(company_id, id);

ALTER TABLE ONLY kronika.business_cases
    ADD CONSTRAINT business_cases_company_id_id_fkey FOREIGN KEY (company_id, id) REFERENCES kronika.timelines(company_id, id);

ALTER TABLE ONLY kronika.business_cases
    ADD CONSTRAINT business_cases_company_id_status_id_fkey FOREIGN KEY (company_id, status_id) REFERENCES kronika.business_case_statuses(company_id, id);

ALTER TABLE ONLY kronika.companies
    ADD CONSTRAINT companies_sandbox_of_fkey FOREIGN KEY (sandbox_of) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.company_activity
    ADD CONSTRAINT company_activity_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.contact_counts
    ADD CONSTRAINT contact_counts_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.contacts
    ADD CONSTRAINT contacts_company_id_id_fkey FOREIGN KEY (company_id, id) REFERENCES kronika.timelines(company_id, id);

ALTER TABLE ONLY kronika.document_counts
    ADD CONSTRAINT document_counts_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.document_payments
    ADD CONSTRAINT document_payments_company_id_document_id_fkey FOREIGN KEY (company_id, document_id) REFERENCES kronika.documents(company_id, id);

ALTER TABLE ONLY kronika.documents
    ADD CONSTRAINT documents_company_id_business_case_id_fkey FOREIGN KEY (company_id, business_case_id) REFERENCES kronika.business_cases(company_id, id);

ALTER TABLE ONLY kronika.documents
    ADD CONSTRAINT documents_company_id_contact_id_fkey FOREIGN KEY (company_id, contact_id) REFERENCES kronika.contacts(company_id, id);

ALTER TABLE ONLY kronika.documents
    ADD CONSTRAINT documents_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.ended_timelines
    ADD CONSTRAINT ended_timelines_company_id_timeline_id_fkey FOREIGN KEY (company_id, timeline_id) REFERENCES kronika.timelines(company_id, id);

ALTER TABLE ONLY kronika.event_stretches
    ADD CONSTRAINT event_stretches_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.events
    ADD CONSTRAINT events_company_id_document_id_fkey FOREIGN KEY (company_id, document_id) REFERENCES kronika.documents(company_id, id);

ALTER TABLE ONLY kronika.events
    ADD CONSTRAINT events_company_id_timeline_id_fkey FOREIGN KEY (company_id, timeline_id) REFERENCES kronika.timelines(company_id, id);

ALTER TABLE ONLY kronika.files_to_remove
    ADD CONSTRAINT files_to_remove_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.home_visits
    ADD CONSTRAINT home_visits_company_id_user_id_fkey FOREIGN KEY (company_id, user_id) REFERENCES kronika.memberships(company_id, user_id);

ALTER TABLE ONLY kronika.invitations
    ADD CONSTRAINT invitations_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.invitations
    ADD CONSTRAINT invitations_created_by_fkey FOREIGN KEY (created_by) REFERENCES kronika.users(id);

ALTER TABLE ONLY kronika.memberships
    ADD CONSTRAINT memberships_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES kronika.users(id);

ALTER TABLE ONLY kronika.password_links
    ADD CONSTRAINT password_links_created_by_fkey FOREIGN KEY (created_by) REFERENCES kronika.users(id);

ALTER TABLE ONLY kronika.password_links
    ADD CONSTRAINT password_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES kronika.users(id);

ALTER TABLE ONLY kronika.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES kronika.users(id);

ALTER TABLE ONLY kronika.timeline_blocks
    ADD CONSTRAINT timeline_blocks_company_id_timeline_id_fkey FOREIGN KEY (company_id, timeline_id) REFERENCES kronika.timelines(company_id, id);

ALTER TABLE ONLY kronika.timelines
    ADD CONSTRAINT timelines_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.tokens
    ADD CONSTRAINT tokens_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.uploads
    ADD CONSTRAINT uploads_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE ONLY kronika.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_company_id_subscription_id_fkey FOREIGN KEY (company_id, subscription_id) REFERENCES kronika.webhook_subscriptions(company_id, id);

ALTER TABLE ONLY kronika.webhook_states
    ADD CONSTRAINT webhook_states_company_id_subscription_id_fkey FOREIGN KEY (company_id, subscription_id) REFERENCES kronika.webhook_subscriptions(company_id, id);

ALTER TABLE ONLY kronika.webhook_stretches
    ADD CONSTRAINT webhook_stretches_company_id_subscription_id_fkey FOREIGN KEY (company_id, subscription_id) REFERENCES kronika.webhook_subscriptions(company_id, id);

ALTER TABLE ONLY kronika.webhook_subscriptions
    ADD CONSTRAINT webhook_subscriptions_company_id_fkey FOREIGN KEY (company_id) REFERENCES kronika.companies(id);

ALTER TABLE kronika.attachments ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.business_case_statuses ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.business_cases ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.companies ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.company_activity ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.contact_counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.document_counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.document_payments ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.ended_timelines ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.event_stretches ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.event_words ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.files_to_remove ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.home_visits ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.idempotency_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.invitations ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.memberships ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_company ON kronika.attachments TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.business_case_statuses TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.business_cases TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.changes TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.companies TO kronika_app USING ((id = kronika.current_company()));

CREATE POLICY own_company ON kronika.company_activity TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.contact_counts TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.contacts TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.document_counts TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.document_payments TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.documents TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.ended_timelines TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.event_stretches TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.event_words TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.events TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.files_to_remove TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.home_visits TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.idempotency_keys TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.invitations TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.memberships TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.rate_windows TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.timeline_blocks TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.timelines TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.tokens TO kronika_app USING ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.uploads TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.webhook_deliveries TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.webhook_states TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.webhook_stretches TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_company ON kronika.webhook_subscriptions TO kronika_app USING ((company_id = kronika.current_company())) WITH CHECK ((company_id = kronika.current_company()));

CREATE POLICY own_user ON kronika.password_links TO kronika_app USING ((user_id = kronika.current_signed_in()));

CREATE POLICY own_user ON kronika.sessions TO kronika_app USING ((user_id = kronika.current_signed_in())) WITH CHECK ((user_id = kronika.current_signed_in()));

CREATE POLICY own_user ON kronika.users TO kronika_app USING ((id = kronika.current_signed_in()));

ALTER TABLE kronika.password_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.rate_windows ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.timeline_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.timelines ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.uploads ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.webhook_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.webhook_stretches ENABLE ROW LEVEL SECURITY;

ALTER TABLE kronika.webhook_subscriptions ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA kronika TO kronika_app;

REVOKE ALL ON FUNCTION kronika.admit(token_hash bytea, needs_write boolean, rate_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.admit(token_hash bytea, needs_write boolean, rate_limit integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.clock() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.clock() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.link_expiry() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.link_expiry() TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.attachment_ids TO kronika_app;

GRANT SELECT,INSERT,DELETE ON TABLE kronika.attachments TO kronika_app;

REVOKE ALL ON FUNCTION kronika.attachments_of(company bigint, event bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.attachments_of(company bigint, event bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.block_size() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.block_size() TO kronika_app;

GRANT SELECT,USAGE ON SEQUENCE kronika.change_positions TO kronika_app;

GRANT SELECT,INSERT ON TABLE kronika.changes TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.webhook_delivery_ids TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.webhook_deliveries TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.webhook_states TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.webhook_stretch_ids TO kronika_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kronika.webhook_stretches TO kronika_app;

REVOKE ALL ON FUNCTION kronika.claim_webhooks(claimer uuid, seconds double precision, most integer, horizon bigint, whose bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.claim_webhooks(claimer uuid, seconds double precision, most integer, horizon bigint, whose bigint[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.company_of_file(storage_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION kronika.count_contact(company bigint, of_kind kronika.contact_kind, of_type kronika.contact_type, of_country integer, by integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.count_contact(company bigint, of_kind kronika.contact_kind, of_type kronika.contact_type, of_country integer, by integer) TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.document_counts TO kronika_app;

REVOKE ALL ON FUNCTION kronika.count_documents(company bigint, types text[], opens boolean[], bys integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.count_documents(company bigint, types text[], opens boolean[], bys integer[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.count_event(company bigint, timeline bigint, at timestamp with time zone, event_id bigint, type kronika.event_type, by integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.count_event(company bigint, timeline bigint, at timestamp with time zone, event_id bigint, type kronika.event_type, by integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.create_sandbox(new_name text, most integer, OUT outcome text, OUT sandbox bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.create_sandbox(new_name text, most integer, OUT outcome text, OUT sandbox bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.current_company() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.current_company() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.current_signed_in() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.current_signed_in() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.folded(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.folded(value text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.searchable(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.searchable(value text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sort_key(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sort_key(value text) TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.document_ids TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.documents TO kronika_app;

REVOKE ALL ON FUNCTION kronika.living_document(company bigint, document bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.living_document(company bigint, document bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.document_of(company bigint, of_type kronika.event_type, document bigint, said_number text, said_amount numeric, said_currency smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.document_of(company bigint, of_type kronika.event_type, document bigint, said_number text, said_amount numeric, said_currency smallint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.enter(token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.enter(token_hash bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.enter_sandbox(asked bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.enter_sandbox(asked bigint) TO kronika_app;

GRANT SELECT,INSERT ON TABLE kronika.files_to_remove TO kronika_app;

REVOKE ALL ON FUNCTION kronika.files_due(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.files_due(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.files_removed(keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.files_removed(keys text[]) TO kronika_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kronika.uploads TO kronika_app;

REVOKE ALL ON FUNCTION kronika.files_without_name(keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.files_without_name(keys text[]) TO kronika_app;

GRANT SELECT ON TABLE kronika.memberships TO kronika_app;

GRANT UPDATE(role) ON TABLE kronika.memberships TO kronika_app;

REVOKE ALL ON FUNCTION kronika.is_in_another(who bigint, company bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION kronika.is_living_link(created_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.is_living_link(created_at timestamp with time zone) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.is_owner(who bigint, company bigint) FROM PUBLIC;

GRANT SELECT ON TABLE kronika.companies TO kronika_app;

GRANT UPDATE(name) ON TABLE kronika.companies TO kronika_app;

GRANT UPDATE(time_zone) ON TABLE kronika.companies TO kronika_app;

GRANT UPDATE(language) ON TABLE kronika.companies TO kronika_app;

REVOKE ALL ON FUNCTION kronika.may_set_password(master bigint, whose bigint) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE ON TABLE kronika.invitations TO kronika_app;

GRANT UPDATE(email) ON TABLE kronika.invitations TO kronika_app;

GRANT UPDATE(role) ON TABLE kronika.invitations TO kronika_app;

GRANT UPDATE(hash) ON TABLE kronika.invitations TO kronika_app;

GRANT UPDATE(created_by) ON TABLE kronika.invitations TO kronika_app;

GRANT UPDATE(created_at) ON TABLE kronika.invitations TO kronika_app;

GRANT SELECT,DELETE ON TABLE kronika.password_links TO kronika_app;

GRANT SELECT ON TABLE kronika.users TO kronika_app;

GRANT UPDATE(name) ON TABLE kronika.users TO kronika_app;

GRANT UPDATE(password_hash) ON TABLE kronika.users TO kronika_app;

GRANT UPDATE(language) ON TABLE kronika.users TO kronika_app;

GRANT UPDATE(theme) ON TABLE kronika.users TO kronika_app;

REVOKE ALL ON FUNCTION kronika.find_link(link_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.find_link(link_hash bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.is_living_session(created_at timestamp with time zone, last_seen_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.is_living_session(created_at timestamp with time zone, last_seen_at timestamp with time zone) TO kronika_app;

GRANT SELECT,INSERT,DELETE ON TABLE kronika.sessions TO kronika_app;

REVOKE ALL ON FUNCTION kronika.find_session(session_hash bytea, asked_company bigint, is_visit boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.find_session(session_hash bytea, asked_company bigint, is_visit boolean) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.find_sign_in(key text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.find_sign_in(key text) TO kronika_app;

GRANT SELECT ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(company_id) ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(name) ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(scope) ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(hash) ON TABLE kronika.tokens TO kronika_app;

GRANT UPDATE(revoked_at) ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(created_by) ON TABLE kronika.tokens TO kronika_app;

GRANT INSERT(created_by_id) ON TABLE kronika.tokens TO kronika_app;

REVOKE ALL ON FUNCTION kronika.find_token(token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.find_token(token_hash bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.first_matching_cases(words text[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.first_matching_cases(words text[], most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.first_matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.first_matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.first_matching_documents(words text[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.first_matching_documents(words text[], most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.first_rows(source text, conditions text, in_order text, most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION kronika.give_back_search_for_files() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.give_back_search_for_files() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.hit_rate_window(company bigint, rate_limit integer, OUT remaining integer, OUT resets_at timestamp with time zone, OUT resets_in interval) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.hit_rate_window(company bigint, rate_limit integer, OUT remaining integer, OUT resets_at timestamp with time zone, OUT resets_in interval) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.hit_sign_in_window(window_key bytea, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.hit_sign_in_window(window_key bytea, most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.keep_event_words(company bigint, event bigint, words text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.keep_event_words(company bigint, event bigint, words text) TO kronika_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kronika.listeners TO kronika_app;

REVOKE ALL ON FUNCTION kronika.keep_listening(listener uuid, listens_to bigint[], seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.keep_listening(listener uuid, listens_to bigint[], seconds integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.keep_token_uses(hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.keep_token_uses(hashes bytea[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.keep_webhooks(claimer uuid, companies bigint[], subscriptions bigint[], seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.keep_webhooks(claimer uuid, companies bigint[], subscriptions bigint[], seconds double precision) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.leave_webhook(company bigint, subscription bigint, claimer uuid, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.leave_webhook(company bigint, subscription bigint, claimer uuid, seconds double precision) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.leave_webhooks(claimer uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.leave_webhooks(claimer uuid) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.listened_companies(besides uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.listened_companies(besides uuid) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.local_iso8601(at timestamp with time zone, zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.local_iso8601(at timestamp with time zone, zone text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.mark_journal(OUT upto bigint, OUT bound bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.mark_journal(OUT upto bigint, OUT bound bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.matching_cases(words text[], of_contact bigint, of_column boolean, of_status bigint, sort_by text, descending boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.matching_cases(words text[], of_contact bigint, of_column boolean, of_status bigint, sort_by text, descending boolean) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], of_type kronika.contact_type, of_subject_id text, of_tax_id text, of_vat_id text, of_country integer, sort_by text, descending boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.matching_contacts(of_kind kronika.contact_kind, words text[], countries text[], of_type kronika.contact_type, of_subject_id text, of_tax_id text, of_vat_id text, of_country integer, sort_by text, descending boolean) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.matching_events(words text[], most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.matching_events(words text[], most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.move_webhook_stretch(company bigint, subscription bigint, stretch bigint, reach bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.move_webhook_stretch(company bigint, subscription bigint, stretch bigint, reach bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.names_of_users(ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.names_of_users(ids bigint[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.no_events() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.no_events() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.oldest_transaction() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.oldest_transaction() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.people_of_company() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.people_of_company() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.placed_words(company bigint, stretch integer, words text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.placed_words(company bigint, stretch integer, words text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.put_password_link(whose bigint, link_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.put_password_link(whose bigint, link_hash bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.record_document_events(company bigint, by_kind kronika.actor_kind, by_id bigint, on_timelines bigint[], types kronika.event_type[], documents bigint[], numbers text[], amounts numeric[], currencies smallint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.record_document_events(company bigint, by_kind kronika.actor_kind, by_id bigint, on_timelines bigint[], types kronika.event_type[], documents bigint[], numbers text[], amounts numeric[], currencies smallint[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.record_event(token_hash bytea, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT company bigint, OUT answer bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.record_event(token_hash bytea, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT company bigint, OUT answer bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.record_event_of(company bigint, zone text, by_kind kronika.actor_kind, by_id bigint, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT answer bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.record_event_of(company bigint, zone text, by_kind kronika.actor_kind, by_id bigint, target_kind kronika.timeline_kind, target bigint, new_type kronika.event_type, new_content text, new_email text, new_person_name text, new_phone_number text, new_document bigint, new_words text, new_key text, print bytea, answer_middle text, OUT outcome kronika.recording, OUT answer bytea) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.record_webhook_outcomes(company bigint, subscription bigint, claimer uuid, outcomes jsonb, moved jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.record_webhook_outcomes(company bigint, subscription bigint, claimer uuid, outcomes jsonb, moved jsonb) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.remove_from_company(whose bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.remove_from_company(whose bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.remove_lone_user(whose bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.remove_lone_user(whose bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sandboxes_of_company() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sandboxes_of_company() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.word_pattern(word text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.word_pattern(word text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.search_conditions(words text[], countries text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.search_conditions(words text[], countries text[]) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.searchable_zip(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.searchable_zip(value text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.searched_words(value text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.searched_words(value text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.split_block(company bigint, timeline bigint, block_at timestamp with time zone, block_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.split_block(company bigint, timeline bigint, block_at timestamp with time zone, block_id bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.stays_owner() FROM PUBLIC;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.idempotency_keys TO kronika_app;

REVOKE ALL ON FUNCTION kronika.stored_answer(company bigint, asked_key text, print bytea, now_is timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.stored_answer(company bigint, asked_key text, print bytea, now_is timestamp with time zone) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.stretch_size() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.stretch_size() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_changes(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_changes(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_event_words(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_event_words(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_idempotency_keys(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_idempotency_keys(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_links(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_links(most integer) TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.rate_windows TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_rate_windows(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_rate_windows(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_sessions(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_sessions(most integer) TO kronika_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kronika.sign_in_windows TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_sign_in_windows(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_sign_in_windows(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_uploads(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_uploads(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_webhook_deliveries(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_webhook_deliveries(most integer) TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.webhook_subscription_ids TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.webhook_subscriptions TO kronika_app;

REVOKE ALL ON FUNCTION kronika.sweep_webhook_subscriptions(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.sweep_webhook_subscriptions(most integer) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.take_key(company bigint, new_key text, print bytea, answer_status smallint, answer bytea, now_is timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.take_key(company bigint, new_key text, print bytea, answer_status smallint, answer bytea, now_is timestamp with time zone) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.take_search_for_files() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.take_search_for_files() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.type_number(type kronika.event_type) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.type_number(type kronika.event_type) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.tally(c integer[], type kronika.event_type) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.tally(c integer[], type kronika.event_type) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.timeline_page(token_hash bytea, target_kind kronika.timeline_kind, target bigint, wanted kronika.event_type, page bigint, per_page integer, OUT outcome kronika.reading, OUT company bigint, OUT time_zone text, OUT total integer, OUT events json) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.timeline_page(token_hash bytea, target_kind kronika.timeline_kind, target bigint, wanted kronika.event_type, page bigint, per_page integer, OUT outcome kronika.reading, OUT company bigint, OUT time_zone text, OUT total integer, OUT events json) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.use_first_link(link_hash bytea, new_email text, new_key text, new_name text, new_hash text, new_company text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.use_first_link(link_hash bytea, new_email text, new_key text, new_name text, new_hash text, new_company text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.use_invitation(link_hash bytea, new_name text, new_hash text, OUT whose bigint, OUT company bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.use_invitation(link_hash bytea, new_name text, new_hash text, OUT whose bigint, OUT company bigint) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.use_password_link(link_hash bytea, new_name text, new_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.use_password_link(link_hash bytea, new_name text, new_hash text) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_backlog(OUT change_seconds double precision, OUT delivery_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_backlog(OUT change_seconds double precision, OUT delivery_seconds double precision) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_companies() FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_companies() TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_item(d kronika.webhook_deliveries) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_item(d kronika.webhook_deliveries) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_next_attempt(delivered boolean, at timestamp with time zone, milliseconds integer, pause double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_next_attempt(delivered boolean, at timestamp with time zone, milliseconds integer, pause double precision) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_state_after(delivered boolean, pause double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_state_after(delivered boolean, pause double precision) TO kronika_app;

REVOKE ALL ON FUNCTION kronika.webhook_work(company bigint, subscription bigint, claimer uuid, horizon bigint, most integer, OUT is_held boolean, OUT url text, OUT sealed_secret bytea, OUT now_is timestamp with time zone, OUT next_due timestamp with time zone, OUT work text) FROM PUBLIC;
GRANT ALL ON FUNCTION kronika.webhook_work(company bigint, subscription bigint, claimer uuid, horizon bigint, most integer, OUT is_held boolean, OUT url text, OUT sealed_secret bytea, OUT now_is timestamp with time zone, OUT next_due timestamp with time zone, OUT work text) TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.business_case_statuses TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.business_cases TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.company_activity TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.contact_counts TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.contacts TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.document_payment_ids TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.document_payments TO kronika_app;

GRANT SELECT,INSERT ON TABLE kronika.ended_timelines TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.event_ids TO kronika_app;

GRANT SELECT,INSERT ON TABLE kronika.event_stretches TO kronika_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE kronika.event_words TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.events TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.home_visits TO kronika_app;

GRANT SELECT,UPDATE ON TABLE kronika.journal_horizon TO kronika_app;

GRANT SELECT ON TABLE kronika.migrations TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.timeline_blocks TO kronika_app;

GRANT USAGE ON SEQUENCE kronika.timeline_ids TO kronika_app;

GRANT SELECT,INSERT,UPDATE ON TABLE kronika.timelines TO kronika_app;
