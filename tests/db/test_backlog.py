"""webhook_backlog(): how long the oldest thing that is to be sent has been waiting, whosever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

_MANY = 2_000


@pytest.fixture
def owner(crowded_owner: psycopg.Connection):
    """At noon, with two companies and nothing to send; undone after."""
    with crowded_owner.transaction(force_rollback=True):
        crowded_owner.execute("SET LOCAL kronika.now = '2026-03-10 12:00:00+00'")
        crowded_owner.execute("INSERT INTO companies (name, time_zone) VALUES ('Acme', 'UTC'), ('Stranger', 'UTC')")
        yield crowded_owner


@pytest.fixture
def companies(owner: psycopg.Connection) -> list[int]:
    return [row["id"] for row in owner.execute("SELECT id FROM companies ORDER BY id").fetchall()]


@pytest.fixture
def subscribe(owner: psycopg.Connection) -> Callable[..., dict[str, Any]]:
    def subscribe(
        company: int, events: str = "{note.created}", *, active: bool = True, **stretch: Any
    ) -> dict[str, Any]:
        """A subscription that has been told everything that there is, or what `stretch` says."""
        values = {"company": company, "events": events, "active": active}
        values["id"] = owner.execute(
            """
            INSERT INTO webhook_subscriptions
                (company_id, url, is_active, events, sealed_secret, created_at, updated_at)
            VALUES (%(company)s, 'https://x.test', %(active)s, %(events)s, '', clock(), clock()) RETURNING id
            """,
            values,
        ).fetchone()["id"]
        owner.execute(
            """
            INSERT INTO webhook_states (company_id, subscription_id, is_active)
            VALUES (%(company)s, %(id)s, %(active)s)
            """,
            values,
        )
        owner.execute(
            """
            INSERT INTO webhook_stretches
                (company_id, subscription_id, events, cursor, upto, occurred_from, occurred_before)
            VALUES (%(company)s, %(id)s, %(events)s,
                    coalesce(%(cursor)s, (SELECT max(position) FROM changes), 0), %(upto)s, %(since)s, %(since)s)
            """,
            values | {"cursor": None, "upto": None, "since": None} | stretch,
        )
        return values

    return subscribe


def change(owner: psycopg.Connection, company: int, at: str, kind: str = "note.created") -> int:
    return owner.execute(
        """
        INSERT INTO changes (company_id, type, resource_id, actor, occurred_at)
        VALUES (%s, %s, 1, 'system', %s::timestamptz) RETURNING position
        """,
        [company, kind, f"2026-03-10 {at}+00"],
    ).fetchone()["position"]


def delivery(owner: psycopg.Connection, subscription: dict[str, Any], due: str | None) -> None:
    owner.execute(
        """
        INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at,
                                        state, attempts, next_attempt_at, created_at)
        VALUES (%(company)s, %(id)s, 'change', gen_random_uuid(), 'note.created', 1, clock(),
                %(state)s, '{}', %(due)s::timestamptz, clock())
        """,
        subscription | {"state": "pending" if due else "delivered", "due": due and f"2026-03-10 {due}+00"},
    )


def ages(owner: psycopg.Connection) -> tuple[float, float]:
    """As the application is told them: of changes, of deliveries."""
    with owner.transaction():
        owner.execute("SET LOCAL ROLE kronika_app")
        row = owner.execute("SELECT change_seconds, delivery_seconds FROM webhook_backlog()").fetchone()
        owner.execute("RESET ROLE")
    return row["change_seconds"], row["delivery_seconds"]


def test_nothing_waits_where_nobody_wants_anything_or_has_been_told_all(owner, companies, subscribe):
    change(owner, companies[0], "11:00")
    assert ages(owner) == (0, 0)
    delivery(owner, subscribe(companies[0]), None)
    assert ages(owner) == (0, 0)


def test_the_oldest_change_behind_a_cursor_counts_whosever_it_is(owner, companies, subscribe):
    for company in companies:
        subscribe(company)
    change(owner, companies[0], "11:59:30")
    assert ages(owner) == (30, 0)
    change(owner, companies[1], "11:59:00")
    change(owner, companies[1], "11:59:50")
    assert ages(owner) == (60, 0)


def test_what_nobody_wants_does_not_count(owner, companies, subscribe):
    subscribe(companies[0])
    change(owner, companies[0], "11:00", "note.deleted")
    change(owner, companies[1], "11:00")
    assert ages(owner) == (0, 0)
    change(owner, companies[0], "11:59:59")
    assert ages(owner) == (1, 0)


def test_much_that_nobody_wants_counts_since_it_has_to_be_read(owner, companies, subscribe):
    subscribe(companies[0])
    for _ in range(19):
        change(owner, companies[0], "11:00", "note.deleted")
    assert ages(owner) == (0, 0)
    change(owner, companies[0], "11:30", "note.deleted")
    assert ages(owner) == (1800, 0)


def test_an_older_stretch_counts_up_to_its_end_and_a_replay_does_not(owner, companies, subscribe):
    first = change(owner, companies[0], "11:00")
    last = change(owner, companies[0], "11:10")
    subscribe(companies[0], cursor=0, upto=last, since="2026-01-01")
    subscribe(companies[0], cursor=first, upto=first)
    assert ages(owner) == (0, 0)
    subscribe(companies[0], cursor=first, upto=last)
    assert ages(owner) == (50 * 60, 0)


def test_a_delivery_waits_from_when_it_is_due(owner, companies, subscribe):
    subscription = subscribe(companies[0])
    delivery(owner, subscription, "12:00:10")
    assert ages(owner) == (0, 0)
    delivery(owner, subscription, "11:59:40")
    delivery(owner, subscribe(companies[1]), "11:59:50")
    assert ages(owner) == (0, 20)


def test_nothing_waits_for_a_subscription_that_is_paused_or_deleted(owner, companies, subscribe):
    subscriptions = [subscribe(companies[0], active=False), subscribe(companies[0])]
    owner.execute("UPDATE webhook_states SET is_deleted = true WHERE subscription_id = %(id)s", subscriptions[1])
    change(owner, companies[0], "11:00")
    for subscription in subscriptions:
        delivery(owner, subscription, "11:00")
    assert ages(owner) == (0, 0)


def test_however_much_waits_little_of_it_is_read(owner, companies, subscribe):
    values = subscribe(companies[0]) | {"many": _MANY}
    owner.execute(
        """
        INSERT INTO changes (company_id, type, resource_id, actor)
        SELECT %(company)s, 'note.created', n, 'system' FROM generate_series(1, %(many)s) n
        """,
        values,
    )
    owner.execute(
        """
        INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at,
                                        state, attempts, next_attempt_at, created_at)
        SELECT %(company)s, %(id)s, 'change', gen_random_uuid(), 'x', n, clock(), 'pending', '{}',
            clock() - n * interval '1 ms', clock() FROM generate_series(1, %(many)s) n
        """,
        values,
    )
    owner.execute("ANALYZE changes; ANALYZE webhook_deliveries")
    before = read_rows(owner)
    assert ages(owner) == (0, _MANY / 1000)
    assert 0 < read_rows(owner) - before < 100


def read_rows(owner: psycopg.Connection) -> int:
    """Rows of changes and deliveries that this transaction has read, by whatever way."""
    return owner.execute(
        """
        SELECT sum(seq_tup_read
            + (SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = relid)
        )::bigint AS rows
        FROM pg_stat_xact_user_tables WHERE relname IN ('changes', 'webhook_deliveries')
        """
    ).fetchone()["rows"]
