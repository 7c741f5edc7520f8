-- Who wants to be told at once that something has changed. Processes that write ask now and then whether there is anybody,
-- and NOTIFY only then, after their commits. What is lost in a crash is made anew within seconds.
CREATE UNLOGGED TABLE listeners (
    id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON listeners TO kronika_app;

-- Says that a listener lives, for so many seconds; others that have not said so for long are forgotten.
CREATE FUNCTION keep_listening(listener uuid, seconds integer) RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
    DELETE FROM listeners WHERE expires_at < clock_timestamp() - interval '1 minute';
    INSERT INTO listeners (id, expires_at) VALUES (listener, clock_timestamp() + seconds * interval '1 second')
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
    RETURNING true;
END;

CREATE FUNCTION is_listened_to() RETURNS boolean LANGUAGE sql VOLATILE
RETURN EXISTS (SELECT FROM listeners WHERE expires_at > clock_timestamp());

GRANT EXECUTE ON FUNCTION keep_listening(uuid, integer), is_listened_to() TO kronika_app;
