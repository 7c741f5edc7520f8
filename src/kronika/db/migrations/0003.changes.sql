-- One record for every change of anything, written in the transaction of the change: the outbox that webhooks, live
-- stream and journal read. `id` is what receivers deduplicate by; `position` orders the changes of one resource
-- (drawn while its row is locked); `xid` tells readers what may still be overtaken by an open transaction.

CREATE TABLE changes (
    company_id bigint NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type text NOT NULL,
    resource_id bigint NOT NULL,
    actor actor_kind NOT NULL,
    actor_id bigint,
    occurred_at timestamptz NOT NULL DEFAULT clock(),
    PRIMARY KEY (company_id, position)
);
-- For the sweep.
CREATE INDEX changes_by_age ON changes (occurred_at);
ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON changes TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT ON changes TO kronika_app;
