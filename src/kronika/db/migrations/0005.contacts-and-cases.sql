-- Clients and suppliers: one table, two faces. Business cases and the columns of their board.

CREATE TYPE contact_kind AS ENUM ('client', 'supplier');
CREATE TYPE contact_type AS ENUM ('person', 'company');

CREATE TABLE contacts (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    kind contact_kind NOT NULL,
    type contact_type NOT NULL,
    name text NOT NULL,
    subject_id text,
    tax_id text,
    vat_id text,
    is_vat_payer boolean NOT NULL,
    email text,
    street text,
    city text,
    zip text,
    country_id smallint,
    delivery_street text,
    delivery_city text,
    delivery_zip text,
    delivery_country_id smallint,
    preferred_delivery_method_id smallint,
    preferred_payment_method_id smallint,
    preferred_currency_id smallint,
    preferred_language_id smallint,
    preferred_due_days smallint,
    preferred_note text,
    preferred_variable_symbol bigint,
    preferred_constant_symbol smallint,
    preferred_specific_symbol bigint,
    preferred_text_above_items text,
    stripe_customer_id text,
    systemeio_contact_id bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, id) REFERENCES timelines (company_id, id)
);
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON contacts TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON contacts TO kronika_app;

CREATE TABLE business_case_statuses (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    color text NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (company_id, id)
);
ALTER TABLE business_case_statuses ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON business_case_statuses TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE, DELETE ON business_case_statuses TO kronika_app;

CREATE TABLE business_cases (
    company_id bigint NOT NULL,
    id bigint NOT NULL,
    contact_id bigint NOT NULL,
    status_id bigint,
    board_position integer NOT NULL,
    name text NOT NULL,
    description text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, id) REFERENCES timelines (company_id, id),
    FOREIGN KEY (company_id, contact_id) REFERENCES contacts (company_id, id),
    FOREIGN KEY (company_id, status_id) REFERENCES business_case_statuses (company_id, id)
);
CREATE INDEX business_cases_by_contact ON business_cases (company_id, contact_id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_column ON business_cases (company_id, status_id, board_position)
    WHERE deleted_at IS NULL;
ALTER TABLE business_cases ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON business_cases TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON business_cases TO kronika_app;
