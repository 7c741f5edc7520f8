-- What Home and the pages of documents need.

-- What happened to a document, for its page. Only events about documents are in it: recording any other leaves it alone.
CREATE INDEX events_by_document ON events (company_id, document_id, created_at, id)
    WHERE document_id IS NOT NULL AND deleted_at IS NULL;

-- As in 0015, with what is summed: so what is still to be paid is added up from the index alone.
DROP INDEX documents_open;
CREATE INDEX documents_open ON documents (company_id, due_date, id) INCLUDE (type, contact_kind, currency_id, to_be_paid)
    WHERE is_living AND is_open;

-- Who recorded a payment. Of those from before this, as far as the journal still tells.
ALTER TABLE document_payments ADD COLUMN created_by actor_kind, ADD COLUMN created_by_id bigint;
UPDATE document_payments p SET created_by = c.actor, created_by_id = c.actor_id FROM changes c
WHERE c.company_id = p.company_id AND c.type = 'document-payments.created' AND c.resource_id = p.id;

-- How far a member has seen what happened in the company. Events up to `seen_id` were there when his visit before this one
-- ended, at `seen_at`; null: this is his first. Up to `shown_id` they have been shown to him by now, last at `shown_at`.
CREATE TABLE home_visits (
    company_id bigint NOT NULL,
    user_id bigint NOT NULL,
    seen_id bigint,
    seen_at timestamptz,
    shown_id bigint NOT NULL,
    shown_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES memberships (company_id, user_id)
) WITH (fillfactor = 50); -- room for HOT updates
ALTER TABLE home_visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON home_visits TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON home_visits TO kronika_app;

-- How many living events a company has in each month of its time zone, as of a position of its journal: element n of
-- `events` belongs to the n-th of `months`. What came since is added from the journal; see docs/decisions/0021.
CREATE TABLE company_activity (
    company_id bigint PRIMARY KEY REFERENCES companies (id),
    time_zone text NOT NULL,
    upto bigint NOT NULL,
    months date[] NOT NULL,
    events bigint[] NOT NULL
);
ALTER TABLE company_activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON company_activity TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON company_activity TO kronika_app;
