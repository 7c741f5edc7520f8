"""Subscriptions, their deliveries and replays, put into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg

from support.api import Api

EVENTS = ["clients.created", "contact-activity-logs.created"]


def new_subscription(
    owner: psycopg.Connection, api: Api, *, is_active: bool = True, events: Sequence[str] = EVENTS
) -> int:
    """The id of a new subscription, which has nothing to send yet."""
    row = owner.execute(
        """
        WITH made AS (
            INSERT INTO webhook_subscriptions (company_id, url, is_active, events, sealed_secret, created_at,
                                               updated_at)
            VALUES (%(company)s, 'https://hooks.example.com/kronika', %(is_active)s, %(events)s, 'x', clock(), clock())
            RETURNING company_id, id, is_active)
        INSERT INTO webhook_states (company_id, subscription_id, is_active) SELECT * FROM made
        RETURNING subscription_id AS id
        """,
        {"company": api.company_id, "is_active": is_active, "events": list(events)},
    ).fetchone()
    return row["id"]


def end_subscription(owner: psycopg.Connection, api: Api, subscription_id: int) -> None:
    """Deletes it, as far as the log is concerned."""
    owner.execute(
        "UPDATE webhook_subscriptions SET deleted_at = clock(), sealed_secret = NULL WHERE company_id = %s AND id = %s",
        [api.company_id, subscription_id],
    )


def new_delivery(owner: psycopg.Connection, api: Api, subscription_id: int, **columns: Any) -> int:
    """The id of a new delivery: a client was created, and it arrived at the first attempt, if the columns say no other.

    `attempts`: rows of instant, result, status and milliseconds.
    """
    now = owner.execute("SELECT clock() AS now").fetchone()["now"]
    attempts: list[tuple[datetime, str, int | None, int]] = columns.pop("attempts", [(now, "delivered", 200, 12)])
    values: dict[str, Any] = {
        "cause": "change", "change_id": uuid4(), "type": "clients.created", "resource_id": 1, "occurred_at": now,
        "state": "delivered", "next_attempt_at": now if columns.get("state") == "pending" else None, "created_at": now,
        **columns,
    }  # fmt: skip
    row = owner.execute(
        f"""
        INSERT INTO webhook_deliveries (company_id, subscription_id, attempts, {", ".join(values)})
        VALUES (%(company)s, %(subscription)s, (
            SELECT coalesce(array_agg(ROW(at, result, status, milliseconds)::webhook_attempt ORDER BY n), '{{}}')
            FROM unnest(%(at)s::timestamptz[], %(result)s::text[], %(status)s::smallint[], %(milliseconds)s::integer[])
                WITH ORDINALITY a (at, result, status, milliseconds, n)), {", ".join(f"%({name})s" for name in values)})
        RETURNING id
        """,
        {
            "company": api.company_id, "subscription": subscription_id,
            **dict(zip(("at", "result", "status", "milliseconds"), map(list, zip(*attempts, strict=True)), strict=True)
                   if attempts else {"at": [], "result": [], "status": [], "milliseconds": []}),
            **values,
        },
    ).fetchone()  # fmt: skip
    return row["id"]


def subscription_with_all(api: Api) -> int:
    """The id of a new active subscription, and of its one delivery, and of its one replay: the same number."""
    with psycopg.connect(api.database_url, autocommit=True, row_factory=psycopg.rows.dict_row) as owner:
        owner.execute("SET search_path = kronika")
        subscription_id = new_subscription(owner, api)
        new_delivery(owner, api, subscription_id, id=subscription_id)
        owner.execute(
            """
            INSERT INTO webhook_stretches (company_id, subscription_id, id, events, cursor, upto, occurred_from,
                                           occurred_before)
            VALUES (%(company)s, %(id)s, %(id)s, '{clients.created}', 0, 9, '2026-03-01T00:00Z', '2026-03-02T00:00Z')
            """,
            {"company": api.company_id, "id": subscription_id},
        )
    return subscription_id
