"""Deliveries are kept for 30 days, and so is what is left of a deleted subscription."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import psycopg
import pytest
from support.api import Api
from support.deliveries import end_subscription, new_delivery, new_subscription

from kronika.db.pool import Database
from kronika.server.sweeper import sweep

TABLES = ("webhook_deliveries", "webhook_stretches", "webhook_states", "webhook_subscriptions")
_NOW = "2026-03-10T10:00:00Z"
_DAYS_LATER = {29: "2026-04-08T10:00:00Z", 30: "2026-04-09T10:00:00Z", 60: "2026-05-09T10:00:01Z"}


@pytest.fixture(scope="module")
def swept_url(new_database: Callable[[str], str]) -> str:
    return new_database("webhooks_swept")


@pytest.fixture
def owner(swept_url: str) -> Iterator[psycopg.Connection]:
    """The owner of a database where nobody else sweeps, on 10 March 2026, with no webhooks in it yet."""
    with psycopg.connect(swept_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute(f"SET kronika.now = '{_NOW}'")
        connection.execute("TRUNCATE webhook_subscriptions, webhook_states, webhook_stretches, webhook_deliveries")
        connection.execute(
            "INSERT INTO companies (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'Acme'), (2, 'Other')"
            " ON CONFLICT DO NOTHING"
        )
        yield connection


@pytest.fixture(params=[1, 2])
def company(request: pytest.FixtureRequest) -> Api:
    """As far as the tables are concerned."""
    return Api(None, request.param, 0, "")


@pytest.fixture
async def after(swept_url: str) -> AsyncIterator[Callable]:
    """Sweeps so many days later; how many rows that took."""
    pools: list[Database] = []

    async def sweep_after(days: int, step: int = 1000) -> int:
        options = f"options=-c%20kronika.now%3D{_DAYS_LATER[days]}"
        pools.append(Database(f"{swept_url}{'&' if '?' in swept_url else '?'}{options}", connections=1))
        await pools[-1].open()
        return await sweep(pools[-1], step=step)

    yield sweep_after
    for pool in pools:
        await pool.close()


def kept(owner: psycopg.Connection) -> list[int]:
    """How many rows each of the tables has."""
    return [owner.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"] for table in TABLES]


async def test_a_settled_delivery_goes_after_thirty_days_and_a_pending_one_stays(
    owner: psycopg.Connection, company: Api, after
):
    subscription_id = new_subscription(owner, company)
    for state in ("delivered", "failed", "pending"):
        new_delivery(owner, company, subscription_id, state=state)
    assert await after(29) == 0
    assert await after(30) == 2
    assert [row["state"] for row in owner.execute("SELECT state FROM webhook_deliveries")] == ["pending"]
    assert kept(owner) == [1, 0, 1, 1]


async def test_a_delivery_is_as_old_as_it_is_itself_and_not_as_what_it_tells(
    owner: psycopg.Connection, company: Api, after
):
    new_delivery(owner, company, new_subscription(owner, company), occurred_at="2026-01-01T00:00Z")
    assert await after(29) == 0


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_a_deleted_subscription_goes_when_its_last_delivery_is_gone(
    owner: psycopg.Connection, company: Api, after, step: int
):
    ended, living = new_subscription(owner, company), new_subscription(owner, company)
    owner.execute(
        "INSERT INTO webhook_stretches (company_id, subscription_id, events, cursor)"
        " SELECT company_id, id, events, 0 FROM webhook_subscriptions"
    )
    for _ in range(3):
        new_delivery(owner, company, ended)
    # Asked for on the day it was deleted, say.
    last = new_delivery(owner, company, ended, state="failed", created_at="2026-03-11T10:00:00Z")
    end_subscription(owner, company, ended)
    assert await after(29) == 0
    assert await after(30, step=step) == 3
    assert kept(owner) == [1, 2, 2, 2]
    assert owner.execute("SELECT id FROM webhook_deliveries").fetchone()["id"] == last
    assert await after(60, step=step) == 2
    assert kept(owner) == [0, 1, 1, 1]
    assert owner.execute("SELECT id FROM webhook_subscriptions").fetchone()["id"] == living


async def test_of_two_companies_each_keeps_what_is_not_old(owner: psycopg.Connection, after):
    ours, theirs = (Api(None, company_id, 0, "") for company_id in (1, 2))
    for api, created_at in ((ours, "2026-03-09T00:00Z"), (theirs, "2026-03-11T00:00Z")):
        new_delivery(owner, api, new_subscription(owner, api), created_at=created_at)
    assert await after(30) == 1
    assert owner.execute("SELECT company_id FROM webhook_deliveries").fetchall() == [{"company_id": 2}]


@pytest.mark.parametrize("what", ["deliveries", "subscriptions"])
def test_a_step_takes_no_more_than_it_is_told_and_leaves_what_is_in_use(
    owner: psycopg.Connection, swept_url: str, company: Api, what: str
):
    for _ in range(5):
        subscription_id = new_subscription(owner, company)
        if what == "deliveries":
            new_delivery(owner, company, subscription_id)
        else:
            end_subscription(owner, company, subscription_id)
    owner.execute(f"SET kronika.now = '{_DAYS_LATER[30]}'")
    with psycopg.connect(swept_url) as user:
        user.execute(f"SELECT FROM kronika.webhook_{what} LIMIT 1 FOR UPDATE")
        swept = [owner.execute(f"SELECT sweep_webhook_{what}(3) AS n").fetchone()["n"] for _ in range(3)]
        assert swept == [3, 1, 0]
    assert owner.execute(f"SELECT sweep_webhook_{what}(3) AS n").fetchone()["n"] == 1


async def test_what_still_waited_when_its_subscription_was_deleted_goes_in_the_end(
    owner: psycopg.Connection, company: Api, after
):
    subscription = new_subscription(owner, company)
    new_delivery(owner, company, subscription, state="pending")
    end_subscription(owner, company, subscription)
    assert await after(30) == 0
    assert await after(60) == 2
    assert kept(owner) == [0, 0, 0, 0]
