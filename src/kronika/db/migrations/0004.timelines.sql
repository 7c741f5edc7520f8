-- Timelines: what an event belongs to. A client, a supplier or a business case *has* one, under its own id, so that an
-- event has one target with one foreign key; ids of the three come from one sequence.
--
-- A timeline answers how many events it has, and which are on page N, without counting them or walking to them: its
-- events, in the order (created_at, id), are cut into blocks of some hundred. Closed blocks are rows that hold their
-- number of events by type; the newest block, the tail, is kept in the timeline's own row, so that recording an event
-- updates one row. Reading page N sums the blocks before it, then walks inside one.

CREATE TYPE timeline_kind AS ENUM ('client', 'supplier', 'business_case');
CREATE TYPE event_type AS ENUM ('note', 'email', 'phone_call', 'document_linked',
    'document_created', 'document_updated', 'document_deleted', 'document_payment_added');

-- Events are counted by type: element n of a counts array belongs to the n-th event_type.
CREATE FUNCTION no_events() RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{0,0,0,0,0,0,0,0}'::integer[];

CREATE FUNCTION type_number(type event_type) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE type WHEN 'note' THEN 1 WHEN 'email' THEN 2 WHEN 'phone_call' THEN 3 WHEN 'document_linked' THEN 4
    WHEN 'document_created' THEN 5 WHEN 'document_updated' THEN 6 WHEN 'document_deleted' THEN 7 ELSE 8 END;

-- Of one type, or of all when it is null.
CREATE FUNCTION tally(c integer[], type event_type) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN type IS NULL THEN c[1] + c[2] + c[3] + c[4] + c[5] + c[6] + c[7] + c[8]
    ELSE c[type_number(type)] END;

CREATE SEQUENCE timeline_ids;

CREATE TABLE timelines (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint NOT NULL DEFAULT nextval('timeline_ids'),
    kind timeline_kind NOT NULL,
    counts integer[] NOT NULL DEFAULT no_events(),
    tail_at timestamptz NOT NULL DEFAULT '-infinity',
    tail_id bigint NOT NULL DEFAULT 0,
    tail_counts integer[] NOT NULL DEFAULT no_events(),
    deleted_at timestamptz,
    PRIMARY KEY (company_id, id)
) WITH (fillfactor = 70); -- room for HOT updates: every event updates its timeline's row
ALTER TABLE timelines ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON timelines TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON timelines TO kronika_app;

CREATE TABLE timeline_blocks (
    company_id bigint NOT NULL,
    timeline_id bigint NOT NULL,
    starts_at timestamptz NOT NULL,
    starts_id bigint NOT NULL,
    counts integer[] NOT NULL,
    PRIMARY KEY (company_id, timeline_id, starts_at, starts_id),
    FOREIGN KEY (company_id, timeline_id) REFERENCES timelines (company_id, id)
);
ALTER TABLE timeline_blocks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON timeline_blocks TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON timeline_blocks TO kronika_app;

GRANT USAGE ON SEQUENCE timeline_ids TO kronika_app;
GRANT EXECUTE ON FUNCTION no_events(), type_number(event_type), tally(integer[], event_type) TO kronika_app;
