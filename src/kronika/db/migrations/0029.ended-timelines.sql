-- Timelines that have ended, until the words of their events are taken away: a search would look each of them up for good.
-- Not taken at the deletion, which may end a million events at once, and holds the board meanwhile. `after_at` and
-- `after_id` say how far it has come.
CREATE TABLE ended_timelines (
    company_id bigint NOT NULL,
    timeline_id bigint NOT NULL,
    after_at timestamptz(0) NOT NULL DEFAULT '-infinity',
    after_id bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, timeline_id),
    FOREIGN KEY (company_id, timeline_id) REFERENCES timelines (company_id, id)
);
ALTER TABLE ended_timelines ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON ended_timelines TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT ON ended_timelines TO kronika_app;

-- Takes the words of events of ended timelines away; how many events it looked at, each timeline counting as one at least.
-- Past row-level security, as all sweeps: see 0007.
CREATE FUNCTION sweep_event_words(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = kronika, pg_temp
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
GRANT EXECUTE ON FUNCTION sweep_event_words(integer) TO kronika_app;
