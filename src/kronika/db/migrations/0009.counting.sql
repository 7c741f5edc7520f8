-- How a timeline keeps its blocks. See 0004.

CREATE FUNCTION block_size() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 500;

-- Cuts a closed block that events of the past have made too long. The caller holds the timeline's row.
CREATE FUNCTION split_block(company bigint, timeline bigint, block_at timestamptz, block_id bigint)
RETURNS void
LANGUAGE plpgsql AS $$
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

-- Counts an event in (+1) or out (-1). Call it last in a transaction: it locks the timeline's row until the commit, and
-- others who record on the same timeline wait for it. Who records several events of one timeline in a transaction counts
-- each before inserting the next: splitting a block counts the rows that are there. False when the timeline is gone.
CREATE FUNCTION count_event(company bigint, timeline bigint, at timestamptz, event_id bigint, type event_type,
                            by integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
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

GRANT EXECUTE ON FUNCTION block_size(), split_block(bigint, bigint, timestamptz, bigint),
    count_event(bigint, bigint, timestamptz, bigint, event_type, integer) TO kronika_app;
