CREATE TYPE reading AS ENUM ('found', 'no_target', 'unauthenticated');

-- One page of a timeline, newest first, with the exact total: one round trip. `wanted` NULL = events of all types.
-- Blocks tell where the page begins; inside a block at most some hundred index entries are passed over.
-- STABLE so that all statements inside see one snapshot: a writer who came between the timeline's row and its blocks
-- would tear the page.
CREATE FUNCTION timeline_page(
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
                extract(epoch FROM e.created_at)::bigint AS created, extract(epoch FROM e.updated_at)::bigint AS updated
            FROM events e
            WHERE e.company_id = company AND e.timeline_id = target AND e.deleted_at IS NULL
            ORDER BY e.created_at DESC, e.id DESC OFFSET skipped LIMIT per_page) shown;
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
            extract(epoch FROM e.created_at)::bigint AS created, extract(epoch FROM e.updated_at)::bigint AS updated
        FROM keys k
        -- OFFSET 0 keeps this a look-up for each key: of a long page the planner would rather read the whole table.
        CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = company AND id = k.id OFFSET 0) e
        ORDER BY k.created_at DESC, k.id DESC) shown;
END $$;

GRANT EXECUTE ON FUNCTION timeline_page(bytea, timeline_kind, bigint, event_type, bigint, integer) TO kronika_app;
