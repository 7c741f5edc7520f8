-- What is kept of webhooks: settled deliveries for 30 days, and as long whatever is left of a deleted subscription.

CREATE INDEX webhook_subscriptions_deleted ON webhook_subscriptions (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE FUNCTION sweep_webhook_deliveries(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH swept AS (
        DELETE FROM webhook_deliveries WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM webhook_deliveries
            WHERE created_at <= (SELECT clock()) - interval '30 days'
                -- No delivery is tried for so long: these are of subscriptions that are not, or not active, any more.
                AND (next_attempt_at IS NULL OR created_at <= (SELECT clock()) - interval '60 days')
            ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED))
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

-- Only once its last delivery is gone. Foreign keys are looked at when all of this is done, and not in between.
CREATE FUNCTION sweep_webhook_subscriptions(most integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    WITH gone AS MATERIALIZED (
        SELECT s.company_id, s.id FROM webhook_subscriptions s
        WHERE s.deleted_at <= (SELECT clock()) - interval '30 days' AND NOT EXISTS (
            SELECT FROM webhook_deliveries d WHERE d.company_id = s.company_id AND d.subscription_id = s.id)
        ORDER BY s.deleted_at LIMIT most FOR UPDATE SKIP LOCKED
    ), stretches AS (
        DELETE FROM webhook_stretches t USING gone WHERE t.company_id = gone.company_id AND t.subscription_id = gone.id
    ), states AS (
        DELETE FROM webhook_states w USING gone WHERE w.company_id = gone.company_id AND w.subscription_id = gone.id
    ), swept AS (
        DELETE FROM webhook_subscriptions s USING gone WHERE s.company_id = gone.company_id AND s.id = gone.id
        RETURNING 1)
    SELECT count(*) FROM swept;
END;

GRANT EXECUTE ON FUNCTION sweep_webhook_deliveries(integer), sweep_webhook_subscriptions(integer) TO kronika_app;
