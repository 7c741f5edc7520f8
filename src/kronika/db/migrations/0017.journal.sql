-- The journal: change records in the order of their positions, up to where this order is final.
--
-- A transaction that took a lower number may commit later, so what is visible is not yet in order. The horizon is found
-- in two steps: mark how far numbers have been drawn, and take a transaction id; once every transaction with a lower id
-- is over, no number up to the mark is still to come. For that, whoever draws a number must have its transaction id
-- already: the default below sees to it (left to right). Changes of one resource are in order, since their numbers are
-- drawn while its row is locked.

CREATE SEQUENCE change_positions;
SELECT setval('change_positions', (SELECT max(position) FROM changes));
ALTER TABLE changes
    ALTER position DROP IDENTITY,
    ALTER position SET DEFAULT
        CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('change_positions') END;
GRANT USAGE, SELECT ON SEQUENCE change_positions TO kronika_app;

-- How far numbers have been drawn, and an id that every transaction that drew one of them is below.
CREATE FUNCTION mark_journal(OUT upto bigint, OUT bound bigint)
LANGUAGE plpgsql AS $$
BEGIN
    -- First the number, then the id.
    SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO upto FROM change_positions;
    bound := pg_current_xact_id()::text::bigint;
END $$;

-- The lowest id of a transaction that is not over.
CREATE FUNCTION oldest_transaction() RETURNS bigint LANGUAGE sql VOLATILE
RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint;

GRANT EXECUTE ON FUNCTION mark_journal(), oldest_transaction() TO kronika_app;

-- Up to where a company's changes have been swept away: who reads on from before has missed some, and is told.
ALTER TABLE companies ADD COLUMN changes_swept bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION sweep_changes(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM changes WHERE ctid IN (
            SELECT ctid FROM changes WHERE occurred_at <= clock() - interval '90 days'
            LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING company_id, position
    ), last AS (
        SELECT company_id, max(position) AS position FROM swept GROUP BY company_id
    ), told AS (
        UPDATE companies c SET changes_swept = greatest(c.changes_swept, last.position)
        FROM last WHERE c.id = last.company_id
    )
    SELECT count(*) FROM swept;
END;
