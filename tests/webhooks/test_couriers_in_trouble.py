"""Whatever goes wrong for one subscription or for a moment, couriers go on, and others do not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import PATIENCE_SECONDS, NewCourier, resources, subscribe, until
from support.deliveries import new_subscription
from support.receivers import LOOPBACK, OK, Visit, answering, receiver

from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.errors import Unavailable
from kronika.outgoing.sending import Outcome, Sender
from kronika.webhooks import courier as couriers
from kronika.webhooks.courier import Courier
from kronika.webhooks.work import Desk


def count(owner: psycopg.Connection, subscription: dict[str, Any], where: str = "true") -> int:
    statement = f"SELECT count(*) AS n FROM webhook_deliveries WHERE subscription_id = %s AND {where}"
    return owner.execute(statement, [subscription["id"]]).fetchone()["n"]


async def test_a_subscription_that_was_put_off_is_served_again_though_others_keep_the_courier_busy(
    sending_api: Api, a_courier: Courier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(couriers, "_KEEP_EVERY", 0.05)
    assignment, failed = Desk.assignment, []

    async def fail_once(self: Desk, claim: Any, **values: Any) -> Any:
        if claim.subscription_id == put_off["id"] and not failed:
            failed.append(claim)
            raise Unavailable
        return await assignment(self, claim, **values)

    async with receiver(answering(OK)) as there, receiver(answering(OK)) as busy:
        put_off = await subscribe(sending_api, there.url)
        await subscribe(sending_api, busy.url, "suppliers.created")
        monkeypatch.setattr(Desk, "assignment", fail_once)
        client_id = await sending_api.new_client()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not there.visits:
                await sending_api.new_supplier()
                await asyncio.sleep(0.02)
        assert failed
        assert resources(there) == [client_id]


async def test_a_look_that_goes_wrong_in_an_unknown_way_is_not_the_last(
    sending_api: Api, new_courier: NewCourier, monkeypatch: pytest.MonkeyPatch
):
    companies, failed = Desk.companies, []

    async def fail_once(self: Desk) -> dict[int, int]:
        if not failed:
            failed.append(True)
            raise RuntimeError("nobody expects this")
        return await companies(self)

    monkeypatch.setattr(couriers, "_LOOK_EVERY", 0.05)
    monkeypatch.setattr(Desk, "companies", fail_once)
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        async with new_courier():
            await until(lambda: failed)
            client_id = await sending_api.new_client()
            await until(lambda: there.visits)
        assert resources(there) == [client_id]


class Hung(Sender):
    """Everything hangs but what goes to one address."""

    def __init__(self, healthy: str) -> None:
        super().__init__(LOOPBACK)
        self._healthy = healthy
        self.hanging = 0

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        if url == self._healthy:
            return await super().send(url, headers, body)
        self.hanging += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.hanging -= 1
        raise AssertionError


async def test_a_hundred_receivers_that_hang_delay_nobody(
    sending_api: Api,
    new_sending_api: Callable[[], Awaitable[Api]],
    new_courier: NewCourier,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(couriers, "_GRACE_SECONDS", 0.01)
    unlucky = await new_sending_api()
    async with receiver(answering(OK)) as there:
        for number in range(100):
            await subscribe(unlucky, f"http://127.0.0.1:9/{number}")
        await subscribe(sending_api, there.url)
        for _ in range(5):
            await unlucky.new_client()
        sender = Hung(there.url)
        async with new_courier(sender=sender, places=60):
            await until(lambda: sender.hanging >= 100)
            made = []
            for _ in range(5):
                made.append(await sending_api.new_client())
                await until(lambda: len(there.visits) == len(made))
            assert sorted(resources(there)) == made


async def test_one_in_a_hundred_changes_is_wanted_and_all_of_those_come_soon(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection
):
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        owner.execute(
            """
            INSERT INTO changes (company_id, type, resource_id, actor)
            SELECT %s, CASE WHEN n %% 100 = 0 THEN 'clients.created' ELSE 'suppliers.created' END, n, 'system'
            FROM generate_series(1, 6000) n
            """,
            [sending_api.company_id],
        )
        last = await sending_api.new_client()
        await until(lambda: len(there.visits) == 61)
        assert sorted(resources(there)) == sorted([*range(100, 6001, 100), last])


async def test_what_has_ended_is_recorded_when_the_courier_stops_though_another_hangs(
    sending_api: Api, new_courier: NewCourier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(couriers, "_GRACE_SECONDS", 0.2)
    hung: list[Visit] = []

    async def behave(visit: Visit) -> None:
        if b'"id":13}' in visit.body:
            hung.append(visit)
            await visit.hang()
        else:
            await visit.say(OK)

    async with receiver(behave) as there:
        subscription = await subscribe(sending_api, there.url)
        owner.execute(
            "INSERT INTO changes (company_id, type, resource_id, actor)"
            " SELECT %s, 'clients.created', n, 'system' FROM generate_series(11, 16) n",
            [sending_api.company_id],
        )
        async with new_courier():
            await until(lambda: hung and len(there.visits) > 2)
        ended = set(resources(there)) - {13}
        assert count(owner, subscription) == len(ended)
        cursor = owner.execute("SELECT cursor FROM webhook_stretches WHERE subscription_id = %s", [subscription["id"]])
        reached = cursor.fetchone()["cursor"]
        behind = owner.execute("SELECT resource_id FROM changes WHERE position <= %s AND company_id = %s", [
            reached, sending_api.company_id
        ]).fetchall()  # fmt: skip
        assert {row["resource_id"] for row in behind} <= {11, 12}


async def test_what_is_recorded_twice_counts_once(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    # The answer to the first commit is lost.
    record, losses = Desk.record, 3

    async def record_and_lose(self: Desk, claim: Any, attempts: Any, moved: Any) -> bool:
        nonlocal losses
        answer = await record(self, claim, attempts, moved)
        if losses:
            losses -= 1
            raise Unavailable
        return answer

    monkeypatch.setattr(Desk, "record", record_and_lose)
    async with receiver(answering(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: count(owner, subscription, "state = 'failed'"))
        assert count(owner, subscription) == 1
        assert count(owner, subscription, "cardinality(attempts) = 5") == 1
        assert len(there.visits) == 5


async def test_who_does_not_know_the_horizon_yet_does_not_take_it_for_the_beginning(
    plain_api: Api, database: Database, owner: psycopg.Connection
):
    await plain_api.new_client()
    known = await Horizon().reach(database)
    assert known > 0
    async with database.transaction(plain_api.company_id) as slow:
        await slow.run("SELECT pg_current_xact_id()")
        assert await Horizon().reach(database) >= known
        owner.execute("UPDATE journal_horizon SET position = 0")
        with pytest.raises(Unavailable):
            await Horizon().reach(database)
    assert await Horizon().reach(database) >= known


def test_a_claim_is_quick_where_a_few_subscriptions_have_nearly_all_the_rows(plain_api: Api, owner: psycopg.Connection):
    owner.execute("BEGIN")
    ids = [new_subscription(owner, plain_api) for _ in range(300)]
    owner.execute(
        """
        INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at,
                                        state, attempts, next_attempt_at, created_at)
        SELECT %s, %s + n %% 3, 'change', gen_random_uuid(), 'clients.created', n, now(), 'pending', '{}',
            now() + interval '1 day', now()
        FROM generate_series(1, 30000) n
        """,
        [plain_api.company_id, ids[0]],
    )
    owner.execute("ANALYZE webhook_deliveries")
    before = owner.execute(_READ).fetchone()["n"]
    owner.execute("SELECT * FROM claim_webhooks(gen_random_uuid(), 1, 100, 0, %s)", [[plain_api.company_id]])
    assert owner.execute(_READ).fetchone()["n"] - before < 30_000
    owner.execute("ROLLBACK")


_READ = """
SELECT seq_tup_read + idx_tup_fetch AS n FROM pg_stat_xact_user_tables WHERE relname = 'webhook_deliveries'
"""
