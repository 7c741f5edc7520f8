-- Sweeps that read what they take, and nothing else. As they were, each look read its table whole: clock() may change
-- from row to row as far as the planner knows, and an index is not asked with such a value. (SELECT clock()) is asked
-- once; the order leads to the index, and the array to the rows, also in a table that has no statistics yet.

CREATE OR REPLACE FUNCTION sweep_idempotency_keys(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency_keys WHERE created_at <= (SELECT clock()) - interval '72 hours'
            ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

CREATE OR REPLACE FUNCTION sweep_changes(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM changes WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM changes WHERE occurred_at <= (SELECT clock()) - interval '90 days'
            ORDER BY occurred_at LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING company_id, position
    ), last AS (
        SELECT company_id, max(position) AS position FROM swept GROUP BY company_id
    ), told AS (
        UPDATE companies c SET changes_swept = greatest(c.changes_swept, last.position)
        FROM last WHERE c.id = last.company_id
    )
    SELECT count(*) FROM swept;
END;

CREATE OR REPLACE FUNCTION sweep_uploads(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM uploads WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM uploads WHERE created_at <= (SELECT clock()) - interval '24 hours'
            ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING company_id, storage_key
    ), kept AS (
        INSERT INTO files_to_remove (company_id, storage_key, due_at)
        SELECT company_id, storage_key, clock() FROM swept RETURNING 1)
    SELECT count(*) FROM kept;
END;

CREATE OR REPLACE FUNCTION files_due(most integer) RETURNS TABLE (storage_key text)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT f.storage_key FROM files_to_remove f WHERE f.due_at <= (SELECT clock()) ORDER BY f.due_at LIMIT most;
END;
