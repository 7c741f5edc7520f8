-- Users, what they may do in which company, their sessions in browsers, and the links that let somebody in once.
--
-- A user belongs to no company, so his rows have a lock of their own: the policy `own_user`, by the transaction's setting
-- kronika.user_id, as `own_company` is by kronika.company_id. What is done before anybody is known (signing in, following
-- a link) and what concerns other people's rows (who is in a company) goes through the functions below, which join the
-- short list of migration 0007.

CREATE FUNCTION current_signed_in() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('kronika.user_id', true), '')::bigint;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As it was written, and as it is compared (folded by the application: databases differ in what they fold). Null once
    -- the user is removed: the row stays, since what he wrote bears his name.
    email text,
    email_key text COLLATE "C",
    name text NOT NULL,
    -- Null: he has not set one yet.
    password_hash text,
    -- Null: as the browser asks.
    language text CHECK (language IN ('en', 'sk')),
    theme text CHECK (theme IN ('light', 'dark')),
    created_at timestamptz NOT NULL DEFAULT clock(),
    removed_at timestamptz,
    CHECK ((email IS NULL) = (email_key IS NULL)),
    CHECK ((removed_at IS NULL) = (email IS NOT NULL)),
    CHECK (removed_at IS NULL OR password_hash IS NULL)
);
CREATE UNIQUE INDEX users_by_email ON users (email_key);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_user ON users TO kronika_app USING (id = current_signed_in());
GRANT SELECT, UPDATE (name, language, theme, password_hash) ON users TO kronika_app;

ALTER TABLE companies ADD COLUMN language text CHECK (language IN ('en', 'sk'));
GRANT UPDATE (name, time_zone, language) ON companies TO kronika_app;

-- Not deleted but ended, for the same reason as users.
CREATE TABLE memberships (
    company_id bigint NOT NULL REFERENCES companies (id),
    user_id bigint NOT NULL REFERENCES users (id),
    -- Text and no enum: see migration 0019.
    role text NOT NULL CHECK (role IN ('owner', 'member')),
    created_at timestamptz NOT NULL DEFAULT clock(),
    ended_at timestamptz,
    PRIMARY KEY (company_id, user_id)
);
-- The companies of who signs in.
CREATE INDEX memberships_by_user ON memberships (user_id, company_id) WHERE ended_at IS NULL;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON memberships TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, UPDATE (role) ON memberships TO kronika_app;

-- Of the cookie only a keyed hash, of the address only the network.
CREATE TABLE sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id),
    hash bytea NOT NULL,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock(),
    last_seen_at timestamptz NOT NULL DEFAULT clock(),
    -- Where to go when no company is named.
    last_company bigint
);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
CREATE INDEX sessions_by_user ON sessions (user_id);
-- For the sweep.
CREATE INDEX sessions_by_age ON sessions (created_at);
CREATE INDEX sessions_by_last_visit ON sessions (last_seen_at);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_user ON sessions TO kronika_app
    USING (user_id = current_signed_in()) WITH CHECK (user_id = current_signed_in());
GRANT SELECT, INSERT, DELETE ON sessions TO kronika_app;

CREATE FUNCTION is_living_session(created_at timestamptz, last_seen_at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE
RETURN last_seen_at > clock() - interval '30 days' AND created_at > clock() - interval '90 days';

-- Whoever has the link becomes a member, once. As many as are open; a new one for the same address replaces the last.
CREATE TABLE invitations (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'member')),
    hash bytea NOT NULL,
    created_by bigint NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT clock(),
    PRIMARY KEY (company_id, id)
);
CREATE UNIQUE INDEX invitations_by_email ON invitations (company_id, email_key);
-- The look-up that has no company yet: it finds it.
CREATE UNIQUE INDEX invitations_by_hash ON invitations (hash);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON invitations TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE (email, role, hash, created_by, created_at), DELETE ON invitations TO kronika_app;

-- Whoever has the link sets a password, once: of the user, or (null) of the first one there is.
CREATE TABLE password_links (
    hash bytea PRIMARY KEY,
    user_id bigint REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT clock(),
    -- The owner whose permission it lives by; null: the operator.
    created_by bigint REFERENCES users (id)
);
-- One of each user's at a time, and one for the first.
CREATE UNIQUE INDEX password_links_by_user ON password_links (user_id) NULLS NOT DISTINCT;
ALTER TABLE password_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_user ON password_links TO kronika_app USING (user_id = current_signed_in());
GRANT SELECT, DELETE ON password_links TO kronika_app;

CREATE FUNCTION is_living_link(created_at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE
RETURN created_at > clock() - interval '24 hours';

-- How often a password was tried, by keyed hashes of e-mail and of address. Lost in a crash: UNLOGGED, as rate_windows.
CREATE UNLOGGED TABLE sign_in_windows (
    key bytea PRIMARY KEY,
    started_at timestamptz NOT NULL,
    hits integer NOT NULL
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_windows TO kronika_app;

-- Counts a try before it is made, so that many at once are not more than may be; null, or when the next may be made.
CREATE FUNCTION hit_sign_in_window(window_key bytea, most integer) RETURNS timestamptz
LANGUAGE plpgsql AS $$
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

-- Whether this owner may say what password somebody has: he owns every company that one is in, or what it is a sandbox of.
-- Else an owner of one company could get into another through who is in both. Asked when a link is made and when it is
-- used: much can have changed in a day.
CREATE FUNCTION may_set_password(master bigint, whose bigint) RETURNS boolean
LANGUAGE sql STABLE
RETURN master <> whose
    AND EXISTS (SELECT FROM memberships m WHERE m.user_id = whose AND m.ended_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM memberships m JOIN companies c ON c.id = m.company_id
        WHERE m.user_id = whose AND m.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM memberships o
            WHERE o.company_id IN (c.id, c.sandbox_of) AND o.user_id = master AND o.role = 'owner'
                AND o.ended_at IS NULL));

-- Functions past row-level security.

-- By what a password is judged; no row: nobody has this address.
CREATE FUNCTION find_sign_in(key text) RETURNS TABLE (user_id bigint, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
BEGIN ATOMIC
    SELECT u.id, u.password_hash FROM users u WHERE u.email_key = key;
END;

-- Whose session it is, and the company he asks for if he is in it, else the one he was in last, else any of his; no row:
-- no living session. All that a page must know before it begins, in one statement. is_visit: he is here, which keeps his
-- session alive; a page that waits for news asks without.
CREATE FUNCTION find_session(session_hash bytea, asked_company bigint, is_visit boolean)
RETURNS TABLE (session_id bigint, user_id bigint, email text, name text, language text, theme text, now_is timestamptz,
               company_ids bigint[], company_names text[], company_sandboxes boolean[], company_id bigint,
               company_name text, time_zone text, company_language text, role text, is_sandbox boolean)
LANGUAGE sql SECURITY DEFINER ROWS 1
BEGIN ATOMIC
    -- A write now and then, not one a request.
    UPDATE sessions s SET last_seen_at = clock(), last_company = coalesce(m.company_id, s.last_company)
    FROM (SELECT) one LEFT JOIN memberships m ON m.company_id = asked_company AND m.ended_at IS NULL
        AND m.user_id = (SELECT k.user_id FROM sessions k WHERE k.hash = session_hash)
    WHERE is_visit AND s.hash = session_hash AND is_living_session(s.created_at, s.last_seen_at)
        AND (s.last_seen_at < clock() - interval '1 minute' OR m.company_id <> s.last_company
             OR s.last_company IS NULL AND m.company_id IS NOT NULL);
    SELECT s.id, u.id, u.email, u.name, u.language, u.theme, clock(),
        coalesce(o.ids, '{}'), coalesce(o.names, '{}'), coalesce(o.sandboxes, '{}'),
        c.id, c.name, c.time_zone, c.language, c.role, c.is_sandbox
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    LEFT JOIN LATERAL (
        SELECT array_agg(c.id ORDER BY c.name, c.id) AS ids, array_agg(c.name ORDER BY c.name, c.id) AS names,
            array_agg(c.sandbox_of IS NOT NULL ORDER BY c.name, c.id) AS sandboxes
        FROM memberships m JOIN companies c ON c.id = m.company_id
        WHERE m.user_id = u.id AND m.ended_at IS NULL) o ON true
    LEFT JOIN LATERAL (
        SELECT c.id, c.name, c.time_zone, c.language, m.role, c.sandbox_of IS NOT NULL AS is_sandbox
        FROM memberships m JOIN companies c ON c.id = m.company_id
        WHERE m.user_id = u.id AND m.ended_at IS NULL
        ORDER BY (c.id = asked_company) IS TRUE DESC, (c.id = s.last_company) IS TRUE DESC, c.name, c.id LIMIT 1) c ON true
    WHERE s.hash = session_hash AND u.removed_at IS NULL AND is_living_session(s.created_at, s.last_seen_at);
END;

CREATE FUNCTION is_owner(who bigint, company bigint) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM memberships m
               WHERE m.company_id = company AND m.user_id = who AND m.role = 'owner' AND m.ended_at IS NULL);

CREATE FUNCTION is_in_another(who bigint, company bigint) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM memberships m
               WHERE m.user_id = who AND m.company_id <> company AND m.ended_at IS NULL);

-- What a link is for; no row: it is no living link. The first owner's is none any more once somebody has a password, an
-- owner's none once he could not make it any more. needs_own_link: the address has no password yet, and is in another
-- company: then this link sets none.
CREATE FUNCTION find_link(link_hash bytea)
RETURNS TABLE (kind text, user_id bigint, email text, email_key text, name text, has_password boolean,
               needs_own_link boolean, company_id bigint, company_name text, language text, without_company boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1
BEGIN ATOMIC
    -- Named throughout: what PostgreSQL would call them changes with a dump and its restore.
    SELECT 'invitation'::text AS kind, u.id AS user_id, i.email AS email, i.email_key AS email_key, u.name AS name,
        u.password_hash IS NOT NULL AS has_password,
        u.password_hash IS NULL AND is_in_another(u.id, i.company_id) AS needs_own_link, c.id AS company_id,
        c.name AS company_name, c.language AS language, false AS without_company
    FROM invitations i JOIN companies c ON c.id = i.company_id LEFT JOIN users u ON u.email_key = i.email_key
    WHERE i.hash = link_hash AND is_living_link(i.created_at) AND is_owner(i.created_by, i.company_id)
    UNION ALL
    SELECT CASE WHEN l.user_id IS NULL THEN 'first'::text ELSE 'password'::text END AS kind, u.id AS user_id,
        u.email AS email, u.email_key AS email_key, u.name AS name, u.password_hash IS NOT NULL AS has_password,
        false AS needs_own_link, NULL::bigint AS company_id, NULL::text AS company_name, u.language AS language,
        NOT EXISTS (SELECT FROM companies) AS without_company
    FROM password_links l LEFT JOIN users u ON u.id = l.user_id
    WHERE l.hash = link_hash AND is_living_link(l.created_at)
        AND CASE WHEN l.user_id IS NULL THEN NOT EXISTS (SELECT FROM users WHERE password_hash IS NOT NULL)
            ELSE l.created_by IS NULL OR may_set_password(l.created_by, l.user_id) END;
END;

-- The three ways to use a link up. Each deletes it first: of two at once, one finds it.

-- Sets the password of the link's user and ends his sessions; his id, or null: no such link.
CREATE FUNCTION use_password_link(link_hash bytea, new_name text, new_hash text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- Makes the first user, owner of every company that has none; of a new one where there is none at all. His id, or null: no
-- such link. An address that was given to somebody who never set a password is taken over.
CREATE FUNCTION use_first_link(link_hash bytea, new_email text, new_key text, new_name text, new_hash text,
                               new_company text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- Makes a member of who is signed in, or with a name and a password of a new user; his id and the company's, or nulls: no
-- such link, or it is somebody else's (then undo the transaction: it stays his). The link of who has a password never sets
-- one, nor that of who is in another company: who invites is no master of it.
CREATE FUNCTION use_invitation(link_hash bytea, new_name text, new_hash text, OUT whose bigint, OUT company bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- The people of the transaction's company, those who left it too.
CREATE FUNCTION people_of_company()
RETURNS TABLE (user_id bigint, name text, email text, role text, has_password boolean, may_reset boolean,
               last_seen_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT u.id, u.name, CASE WHEN m.ended_at IS NULL THEN u.email END, m.role, u.password_hash IS NOT NULL,
        may_set_password(current_signed_in(), u.id),
        CASE WHEN m.ended_at IS NULL THEN (SELECT max(s.last_seen_at) FROM sessions s
                                               WHERE s.user_id = u.id AND s.last_company = m.company_id) END,
        m.ended_at
    FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.company_id = current_company()
    ORDER BY u.name, u.id;
END;

-- A link to set a new password, for a user of the transaction's company whose password is the signed-in user's to say.
-- Whether it was made.
CREATE FUNCTION put_password_link(whose bigint, link_hash bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- Removes a user who is in no company any more: he cannot sign in, his sessions and links end, his address is free.
CREATE FUNCTION remove_lone_user(whose bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- Ends what a user may do in the transaction's company and in its sandboxes, and takes back the invitations there that
-- are his or are to him. `removed`; `nobody`: he is not in it; `last_owner`: no other owner is (then undo the transaction).
CREATE FUNCTION remove_from_company(whose bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kronika, pg_temp AS $$
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

-- Sweeps ask for the time once and not with each row, as in 0023.
CREATE FUNCTION sweep_sessions(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM sessions WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM (
                SELECT ctid FROM sessions WHERE last_seen_at <= (SELECT clock()) - interval '30 days'
                ORDER BY last_seen_at LIMIT most FOR UPDATE SKIP LOCKED) unvisited
            UNION ALL
            SELECT ctid FROM (
                SELECT ctid FROM sessions WHERE created_at <= (SELECT clock()) - interval '90 days'
                ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED) old
            LIMIT most))
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

CREATE FUNCTION sweep_sign_in_windows(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM sign_in_windows WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM sign_in_windows WHERE started_at <= (SELECT clock()) - interval '15 minutes'
            LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

-- Links that nobody has used in their time. A few, ever: in one piece.
CREATE FUNCTION sweep_links(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH passwords AS (DELETE FROM password_links WHERE NOT is_living_link(created_at) RETURNING 1),
        invited AS (
            DELETE FROM invitations WHERE ctid IN (
                SELECT ctid FROM invitations WHERE NOT is_living_link(created_at) LIMIT most FOR UPDATE SKIP LOCKED)
            RETURNING 1)
    SELECT count(*) FROM invited;
END;

GRANT EXECUTE ON FUNCTION current_signed_in(), is_living_session(timestamptz, timestamptz), is_living_link(timestamptz),
    hit_sign_in_window(bytea, integer), find_sign_in(text), find_session(bytea, bigint, boolean), find_link(bytea),
    use_password_link(bytea, text, text), use_first_link(bytea, text, text, text, text, text),
    use_invitation(bytea, text, text), people_of_company(), put_password_link(bigint, bytea), remove_lone_user(bigint),
    remove_from_company(bigint), sweep_sessions(integer), sweep_sign_in_windows(integer), sweep_links(integer) TO kronika_app;
