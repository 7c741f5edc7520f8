-- Documents, fed by whatever makes them, and their payments.
--
-- A document is known outside by its type and the feeding system's number for it (`document_id`). Inside it has an `id` of
-- its own: what was deleted and is fed again is another document, and what pointed to the first one points to nothing.

CREATE SEQUENCE document_ids;

-- A type is text: under row-level security an index can be asked for a text, but not for an enum.
CREATE TABLE documents (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint NOT NULL DEFAULT nextval('document_ids'),
    type text COLLATE "C" NOT NULL CHECK (type IN ('invoice', 'proforma', 'order', 'quotation', 'credit-note',
        'received-invoice', 'received-receipt', 'warehouse-inbound-receipt', 'warehouse-outbound-receipt')),
    document_id bigint NOT NULL CHECK (document_id > 0),
    number text NOT NULL,
    name text,
    issue_date date NOT NULL,
    due_date date,
    contact_kind contact_kind NOT NULL, -- its contact's, which never changes
    contact_id bigint NOT NULL,
    business_case_id bigint,
    gone_case_id bigint, -- the case that it had when that was deleted: the feed may go on naming it
    total numeric(16, 2),
    currency_id smallint,
    currency_rate numeric(18, 8), -- units of its currency for one euro
    paid numeric(20, 2) NOT NULL DEFAULT 0, -- in its currency
    payments integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    to_be_paid numeric(20, 2) GENERATED ALWAYS AS (
        CASE WHEN type IN ('invoice', 'proforma', 'credit-note', 'received-invoice', 'received-receipt')
        THEN total - paid END) STORED,
    -- Something remains to be paid: of a negative total (a credit note's), less than nothing.
    is_open boolean NOT NULL GENERATED ALWAYS AS (
        coalesce(type IN ('invoice', 'proforma', 'credit-note', 'received-invoice', 'received-receipt')
            AND CASE WHEN total < 0 THEN total < paid ELSE total > paid END, false)) STORED,
    is_living boolean NOT NULL GENERATED ALWAYS AS (deleted_at IS NULL) STORED,
    sort_number text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_key(number)) STORED,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, contact_id) REFERENCES contacts (company_id, id),
    FOREIGN KEY (company_id, business_case_id) REFERENCES business_cases (company_id, id),
    CHECK (total IS NULL OR currency_id IS NOT NULL),
    CHECK (total IS NOT NULL OR type IN ('warehouse-inbound-receipt', 'warehouse-outbound-receipt'))
);
-- How a document is found by its name and by its id must not depend on statistics: of a new table there are none, and of a
-- new company among some large ones they say that it has no rows, so that to the planner all indexes that begin with the
-- company look equally good. (Measured: a first feed of 300 documents a second, and not 4,000.) So a statement that asks
-- for `deleted_at IS NULL` has only this index, one that names an id only the primary key, and one that asks for
-- `is_living` those of the lists. Between this one and the primary key the planner takes the newer.
CREATE UNIQUE INDEX documents_by_feed_id ON documents (company_id, type, document_id) WHERE deleted_at IS NULL;
-- An order each, for lists. By issue date also within a type: it is what most lists are.
CREATE INDEX documents_by_total ON documents (company_id, total, id) INCLUDE (type, is_open) WHERE is_living;
CREATE INDEX documents_by_update ON documents (company_id, updated_at, id) INCLUDE (type, is_open) WHERE is_living;
CREATE INDEX documents_by_number ON documents (company_id, sort_number, id) INCLUDE (type, is_open) WHERE is_living;
CREATE INDEX documents_by_due_date ON documents (company_id, due_date, id) INCLUDE (type, is_open) WHERE is_living;
CREATE INDEX documents_by_issue_date ON documents (company_id, issue_date, id) INCLUDE (type, is_open) WHERE is_living;
CREATE INDEX documents_by_type ON documents (company_id, type, issue_date, id) INCLUDE (is_open) WHERE is_living;
-- What is still to be paid, of which there is mostly little.
CREATE INDEX documents_open ON documents (company_id, due_date, id) INCLUDE (type) WHERE is_living AND is_open;
CREATE INDEX documents_by_contact ON documents (company_id, contact_id, issue_date, id) WHERE is_living;
CREATE INDEX documents_by_case ON documents (company_id, business_case_id, issue_date, id)
    WHERE is_living AND business_case_id IS NOT NULL;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON documents TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON documents TO kronika_app;

CREATE SEQUENCE document_payment_ids;

CREATE TABLE document_payments (
    company_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('document_payment_ids'),
    document_id bigint NOT NULL, -- documents.id
    payment_method_id smallint NOT NULL,
    currency_id smallint NOT NULL,
    currency_rate numeric(18, 8) NOT NULL, -- units of its currency for one euro
    payment_date date NOT NULL,
    amount numeric(16, 2) NOT NULL CHECK (amount <> 0),
    settled numeric(18, 2) NOT NULL, -- the same in the document's currency, by the rates of that time
    created_at timestamptz NOT NULL DEFAULT clock(),
    deleted_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, document_id) REFERENCES documents (company_id, id)
);
CREATE INDEX document_payments_by_document ON document_payments (company_id, document_id, payment_date, id)
    WHERE deleted_at IS NULL;
ALTER TABLE document_payments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON document_payments TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON document_payments TO kronika_app;

GRANT USAGE ON SEQUENCE document_ids, document_payment_ids TO kronika_app;

-- How many documents a company has, by what lists are mostly filtered by; counted as contacts are (see 0012).
CREATE TABLE document_counts (
    company_id bigint NOT NULL REFERENCES companies (id),
    type text COLLATE "C" NOT NULL,
    is_open boolean NOT NULL,
    slot smallint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (company_id, type, is_open, slot)
) WITH (fillfactor = 70);
ALTER TABLE document_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON document_counts TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON document_counts TO kronika_app;

-- Counts documents in (+1) and out (-1): element n of each array belongs to the n-th. In the order of the keys, so that two
-- transactions that need the same two counters cannot each hold one. After the documents are locked, before timelines.
CREATE FUNCTION count_documents(company bigint, types text[], opens boolean[], bys integer[]) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO document_counts AS c (company_id, type, is_open, slot, n)
    SELECT company, item.type, item.is_open, pg_backend_pid() % 32, sum(item.by)
    FROM unnest(types, opens, bys) item (type, is_open, by)
    GROUP BY item.type, item.is_open HAVING sum(item.by) <> 0
    ORDER BY item.type, item.is_open
    ON CONFLICT (company_id, type, is_open, slot) DO UPDATE SET n = c.n + excluded.n;
END;

GRANT EXECUTE ON FUNCTION count_documents(bigint, text[], boolean[], integer[]) TO kronika_app;
