-- How long the oldest change and the oldest delivery have been waiting to be sent, in seconds; 0: none is. For the
-- operator, so it is asked of all companies at once, and must not count through what waits: an index is asked once for
-- each stretch and once for each subscription.
CREATE FUNCTION webhook_backlog(OUT change_seconds double precision, OUT delivery_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    WITH active AS (
        SELECT company_id, subscription_id FROM webhook_states WHERE is_active AND NOT is_deleted
    )
    SELECT
        greatest(0, extract(epoch FROM clock() - (
            SELECT min(behind.since)
            FROM active JOIN webhook_stretches s USING (company_id, subscription_id),
            LATERAL (
                -- The first that is wanted. Where there is none for long, the sender has to read that far all the same.
                SELECT looked.occurred_at AS since
                FROM (
                    SELECT c.position, c.type, c.occurred_at, row_number() OVER (ORDER BY c.position) AS place
                    FROM changes c
                    WHERE c.company_id = s.company_id AND c.position > s.cursor
                        AND c.position <= coalesce(s.upto, 9223372036854775807)
                    ORDER BY c.position LIMIT 20) looked
                WHERE looked.type = ANY (s.events) OR looked.place = 20
                ORDER BY looked.position LIMIT 1
            ) behind
            -- A replay is of what is old.
            WHERE s.occurred_from IS NULL
        )))::double precision,
        greatest(0, extract(epoch FROM clock() - (
            SELECT min(due.next_attempt_at)
            FROM active,
            LATERAL (
                SELECT d.next_attempt_at FROM webhook_deliveries d
                WHERE d.company_id = active.company_id AND d.subscription_id = active.subscription_id
                    AND d.next_attempt_at IS NOT NULL AND d.next_attempt_at <= (SELECT clock())
                ORDER BY d.next_attempt_at LIMIT 1
            ) due
        )))::double precision;
END;
GRANT EXECUTE ON FUNCTION webhook_backlog() TO kronika_app;
