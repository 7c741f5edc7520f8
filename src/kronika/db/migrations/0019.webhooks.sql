-- Webhooks: who wants to be told what, how far he has been told, and what became of each delivery.
--
-- Nothing is queued when something changes. What is to be sent stands in the journal, and a stretch says from where on:
-- its cursor moves in the transaction that records the outcomes. So a backlog costs nothing, a delivery is one row, and
-- what was sent by a process that died before it could say so is sent again.

CREATE SEQUENCE webhook_subscription_ids;
CREATE SEQUENCE webhook_stretch_ids;
CREATE SEQUENCE webhook_delivery_ids;
GRANT USAGE ON SEQUENCE webhook_subscription_ids, webhook_stretch_ids, webhook_delivery_ids TO kronika_app;

CREATE TABLE webhook_subscriptions (
    company_id bigint NOT NULL REFERENCES companies (id),
    id bigint NOT NULL DEFAULT nextval('webhook_subscription_ids'),
    name text,
    url text NOT NULL,
    is_active boolean NOT NULL,
    events text[] NOT NULL CHECK (events <> '{}'),
    -- Null once it is deleted.
    sealed_secret bytea,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (company_id, id),
    CHECK ((sealed_secret IS NULL) = (deleted_at IS NOT NULL))
);
ALTER TABLE webhook_subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON webhook_subscriptions TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON webhook_subscriptions TO kronika_app;

-- What changes with every delivery, apart from the subscription so that its row stays as it is: who sends for it now
-- (one process at a time, which renews its claim while it lives), and when it last went well and badly.
CREATE TABLE webhook_states (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    -- Copies of what the subscription says: the claims look at this table only.
    is_active boolean NOT NULL,
    is_deleted boolean NOT NULL DEFAULT false,
    holder uuid,
    held_until timestamptz,
    served_at timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    PRIMARY KEY (company_id, subscription_id),
    FOREIGN KEY (company_id, subscription_id) REFERENCES webhook_subscriptions (company_id, id)
);
ALTER TABLE webhook_states ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON webhook_states TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON webhook_states TO kronika_app;

-- A stretch of the journal that is to be delivered: changes of these types behind the cursor, up to `upto`. The one
-- without an end is what the subscription wants now; one that has an end is what it wanted before it was changed, or a
-- replay. It is gone when it is done. While the subscription is not active, nothing moves.
CREATE TABLE webhook_stretches (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('webhook_stretch_ids'),
    events text[] NOT NULL,
    cursor bigint NOT NULL,
    upto bigint,
    -- Of a replay: only what happened then. From the one, before the other.
    occurred_from timestamptz,
    occurred_before timestamptz,
    PRIMARY KEY (company_id, subscription_id, id),
    FOREIGN KEY (company_id, subscription_id) REFERENCES webhook_subscriptions (company_id, id),
    CHECK ((occurred_from IS NULL) = (occurred_before IS NULL)),
    CHECK (occurred_from IS NULL OR upto IS NOT NULL)
);
CREATE UNIQUE INDEX webhook_stretches_open ON webhook_stretches (company_id, subscription_id) WHERE upto IS NULL;
ALTER TABLE webhook_stretches ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON webhook_stretches TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_stretches TO kronika_app;

-- `result` is one of the sender's words; `status` is there where the receiver gave one.
CREATE TYPE webhook_attempt AS (at timestamptz, result text, status smallint, milliseconds integer);

-- A row when the first attempt has been made, or when somebody asked for it (a test, a replay of one). `type`,
-- `resource_id` and `occurred_at` are the change's, which may be swept away before. Text and no enums, since under
-- row-level security an index cannot be asked with an enum.
CREATE TABLE webhook_deliveries (
    company_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('webhook_delivery_ids'),
    cause text NOT NULL CHECK (cause IN ('change', 'replay', 'test')),
    change_id uuid NOT NULL,
    type text NOT NULL,
    resource_id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts webhook_attempt[] NOT NULL,
    next_attempt_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, subscription_id, id),
    FOREIGN KEY (company_id, subscription_id) REFERENCES webhook_subscriptions (company_id, id),
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (company_id, subscription_id, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_troubled ON webhook_deliveries (company_id, subscription_id, state, id)
    WHERE state <> 'delivered';
-- For the sweep.
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON webhook_deliveries TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON webhook_deliveries TO kronika_app;
