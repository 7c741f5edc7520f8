-- CRM events: the heart. One struct per type in the code, one row here; what a type must hold is checked here too.

CREATE SEQUENCE event_ids;

CREATE TABLE events (
    company_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('event_ids'),
    timeline_id bigint NOT NULL,
    type event_type NOT NULL,
    content text,
    email text,
    person_name text,
    phone_number text,
    -- Whole seconds, as they are shown: so the order (created_at, id) is the order that readers see.
    created_at timestamptz(0) NOT NULL,
    updated_at timestamptz(0) NOT NULL,
    deleted_at timestamptz,
    created_by actor_kind NOT NULL,
    created_by_id bigint,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, timeline_id) REFERENCES timelines (company_id, id),
    CHECK (CASE type
        WHEN 'note' THEN content IS NOT NULL AND num_nonnulls(email, person_name, phone_number) = 0
        WHEN 'email' THEN num_nonnulls(content, email) = 2 AND num_nonnulls(person_name, phone_number) = 0
        WHEN 'phone_call' THEN num_nonnulls(content, person_name) = 2 AND email IS NULL
        ELSE num_nonnulls(content, email, person_name, phone_number) = 0 END)
);
-- `type` stands last so that a page of one type is filtered inside the index.
CREATE INDEX events_by_time ON events (company_id, timeline_id, created_at, id, type) WHERE deleted_at IS NULL;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON events TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON events TO kronika_app;
GRANT USAGE ON SEQUENCE event_ids TO kronika_app;
