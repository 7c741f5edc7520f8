-- Files: uploads that wait for an event, attachments of events, and what is to be removed from the store.
--
-- A file's bytes are durable in the store before any row names it, and no row names it any more before its bytes go:
-- `files_to_remove` is the way out. Its rows are written in the transaction that takes the last name away.

CREATE TABLE uploads (
    company_id bigint NOT NULL REFERENCES companies (id),
    token_hash bytea NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    created_at timestamptz NOT NULL DEFAULT clock(),
    PRIMARY KEY (company_id, token_hash)
);
CREATE UNIQUE INDEX uploads_by_file ON uploads (company_id, storage_key);
-- For the sweep.
CREATE INDEX uploads_by_age ON uploads (created_at);
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON uploads TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
-- UPDATE only because a row that is read to be claimed is locked.
GRANT SELECT, INSERT, UPDATE, DELETE ON uploads TO kronika_app;

CREATE SEQUENCE attachment_ids;

CREATE TABLE attachments (
    company_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('attachment_ids'),
    event_id bigint NOT NULL,
    storage_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    mime_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    created_at timestamptz NOT NULL DEFAULT clock(),
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, event_id) REFERENCES events (company_id, id)
);
CREATE INDEX attachments_by_event ON attachments (company_id, event_id, id);
CREATE UNIQUE INDEX attachments_by_file ON attachments (company_id, storage_key);
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON attachments TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, DELETE ON attachments TO kronika_app;

CREATE TABLE files_to_remove (
    company_id bigint NOT NULL REFERENCES companies (id),
    storage_key text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, storage_key)
);
-- For the sweep.
CREATE INDEX files_to_remove_by_time ON files_to_remove (due_at);
ALTER TABLE files_to_remove ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON files_to_remove TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT ON files_to_remove TO kronika_app;

GRANT USAGE ON SEQUENCE attachment_ids TO kronika_app;

-- How many attachments an event has, so that events without any, which most are, are read without a look at the table.
ALTER TABLE events ADD COLUMN attachments smallint NOT NULL DEFAULT 0;

-- When an address given out now ends, in seconds since 1970: after ten to eleven days. A replayed answer repeats its
-- addresses for 72 hours and they are then good for 7 days more; all day long they are the same, for the sake of caches.
CREATE FUNCTION link_expiry() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (floor(extract(epoch FROM clock()) / 86400)::bigint + 11) * 86400;

-- The attachments of an event as the views of it need them, in the order they were given.
CREATE FUNCTION attachments_of(company bigint, event bigint) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'mime_type', a.mime_type, 'expires', link_expiry())
                    ORDER BY a.id)
    FROM attachments a WHERE a.company_id = company AND a.event_id = event;
END;

GRANT EXECUTE ON FUNCTION link_expiry(), attachments_of(bigint, bigint) TO kronika_app;

-- What crosses companies: see 0007.

-- Uploads that nobody claimed in their 24 hours. Their bytes go by way of files_to_remove, at once.
CREATE FUNCTION sweep_uploads(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM uploads WHERE ctid IN (
            SELECT ctid FROM uploads WHERE created_at <= clock() - interval '24 hours'
            LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING company_id, storage_key
    ), kept AS (
        INSERT INTO files_to_remove (company_id, storage_key, due_at)
        SELECT company_id, storage_key, clock() FROM swept RETURNING 1)
    SELECT count(*) FROM kept;
END;

CREATE FUNCTION files_due(most integer) RETURNS TABLE (storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT f.storage_key FROM files_to_remove f WHERE f.due_at <= clock() ORDER BY f.due_at LIMIT most;
END;

-- A key begins with its company's number.
CREATE FUNCTION company_of_file(storage_key text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN split_part(storage_key, '/', 1)::bigint;

-- The bytes are gone: so is the note that they are to go.
CREATE FUNCTION files_removed(keys text[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH removed AS (
        DELETE FROM files_to_remove f USING unnest(keys) gone (key)
        WHERE f.company_id = company_of_file(gone.key) AND f.storage_key = gone.key
        RETURNING 1)
    SELECT count(*) FROM removed;
END;

-- Those that no row names.
CREATE FUNCTION files_without_name(keys text[]) RETURNS TABLE (storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT asked.key FROM unnest(keys) asked (key)
    WHERE NOT EXISTS (SELECT FROM uploads u
                      WHERE u.company_id = company_of_file(asked.key) AND u.storage_key = asked.key)
        AND NOT EXISTS (SELECT FROM attachments a
                        WHERE a.company_id = company_of_file(asked.key) AND a.storage_key = asked.key)
        AND NOT EXISTS (SELECT FROM files_to_remove f
                        WHERE f.company_id = company_of_file(asked.key) AND f.storage_key = asked.key);
END;

-- Whether the store is to be searched for files without a name now: once a day, by one process of all.
ALTER TABLE installation ADD COLUMN files_searched_at timestamptz;

CREATE FUNCTION take_search_for_files() RETURNS boolean
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH taken AS (
        UPDATE installation SET files_searched_at = clock()
        WHERE files_searched_at IS NULL OR files_searched_at <= clock() - interval '24 hours'
        RETURNING 1)
    SELECT EXISTS (SELECT FROM taken);
END;

-- A search that did not come to its end: the next who asks may try.
CREATE FUNCTION give_back_search_for_files() RETURNS boolean
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    UPDATE installation SET files_searched_at = NULL RETURNING true;
END;

GRANT EXECUTE ON FUNCTION sweep_uploads(integer), files_due(integer), files_removed(text[]),
    files_without_name(text[]), take_search_for_files(), give_back_search_for_files() TO kronika_app;

-- As in 0011, with attachments. One page of a timeline, newest first, with the exact total: one round trip. `wanted` NULL = events of all types.
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
                CASE WHEN e.attachments > 0 THEN attachments_of(company, e.id) END AS attachments
            -- Cut first: what is passed over shows no attachments.
            FROM (SELECT id, type, content, email, person_name, phone_number, created_at, updated_at, attachments
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
            CASE WHEN e.attachments > 0 THEN attachments_of(company, e.id) END AS attachments
        FROM keys k
        -- OFFSET 0 keeps this a look-up for each key: of a long page the planner would rather read the whole table.
        CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = company AND id = k.id OFFSET 0) e
        ORDER BY k.created_at DESC, k.id DESC) shown;
END $$;
