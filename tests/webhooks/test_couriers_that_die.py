"""A courier that ends in the middle is followed by another; what it had not recorded is sent again."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import NewCourier, resources, subscribe, until
from support.receivers import OK, answering, receiver

from kronika.errors import Unavailable
from kronika.webhooks import courier as couriers
from kronika.webhooks import serving
from kronika.webhooks.courier import Courier
from kronika.webhooks.work import Desk


def delivered(owner: psycopg.Connection, subscription: dict[str, Any]) -> int:
    row = owner.execute(
        "SELECT count(*) AS n FROM webhook_deliveries WHERE subscription_id = %s AND state = 'delivered'",
        [subscription["id"]],
    ).fetchone()
    return row["n"]


async def test_what_was_sent_and_not_recorded_is_sent_again_by_the_next(
    sending_api: Api, new_courier: NewCourier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    async def die(*_: object) -> None:
        await asyncio.Event().wait()

    async def nothing(*_: object, **__: object) -> None:
        pass

    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        with monkeypatch.context() as patched:
            patched.setattr(Desk, "record", die)
            # Its claims stay, as those of a killed process do.
            patched.setattr(Desk, "leave", nothing)
            patched.setattr(Desk, "leave_all", nothing)
            patched.setattr(couriers, "_GRACE_SECONDS", 0.05)
            patched.setattr(couriers, "_RECORD_SECONDS", 0.05)
            async with new_courier():
                client_id = await sending_api.new_client()
                await until(lambda: there.visits)
        held = owner.execute("SELECT holder FROM webhook_states WHERE subscription_id = %s", [subscription["id"]])
        assert held.fetchone()["holder"] is not None
        async with new_courier():
            await asyncio.sleep(0.2)
            assert len(there.visits) == 1, "another courier sends while the claim lasts"
            owner.execute(
                "UPDATE webhook_states SET held_until = clock_timestamp() WHERE subscription_id = %s",
                [subscription["id"]],
            )
            await until(lambda: delivered(owner, subscription) == 1)
        assert resources(there) == [client_id, client_id]
        assert len({visit.body for visit in there.visits}) == 1


async def test_who_has_lost_the_claim_records_nothing(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    record = Desk.record
    lost: list[bool] = []

    async def lose_first(self: Desk, claim: Any, attempts: Any, moved: Any) -> bool:
        if not lost:
            owner.execute("UPDATE webhook_states SET holder = gen_random_uuid(), held_until = clock_timestamp()")
            lost.append(await record(self, claim, attempts, moved))
            return False
        return await record(self, claim, attempts, moved)

    monkeypatch.setattr(Desk, "record", lose_first)
    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: delivered(owner, subscription) == 1)
        assert lost == [False]
        assert len(there.visits) == 2


async def test_outcomes_are_recorded_though_the_database_was_away_for_a_moment(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    record = Desk.record
    failures = [Unavailable(), Unavailable()]

    async def record_later(self: Desk, claim: Any, attempts: Any, moved: Any) -> bool:
        if failures:
            raise failures.pop()
        return await record(self, claim, attempts, moved)

    monkeypatch.setattr(Desk, "record", record_later)
    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: delivered(owner, subscription) == 1)
        assert len(there.visits) == 1
        assert not failures


async def test_a_secret_that_does_not_open_holds_up_nobody_else(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection
):
    async with receiver(answering(OK)) as there, receiver(answering(OK)) as never:
        broken = await subscribe(sending_api, never.url)
        owner.execute("UPDATE webhook_subscriptions SET sealed_secret = 'x' WHERE id = %s", [broken["id"]])
        await subscribe(sending_api, there.url)
        made = [await sending_api.new_client() for _ in range(3)]
        await until(lambda: len(there.visits) == 3)
        assert sorted(resources(there)) == made
        assert not never.visits


async def test_a_subscription_whose_secret_does_not_open_misses_nothing_once_it_is_rotated(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(couriers, "_SEALED_SECONDS", 0.1)
    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        owner.execute("UPDATE webhook_subscriptions SET sealed_secret = 'x' WHERE id = %s", [subscription["id"]])
        made = [await sending_api.new_client() for _ in range(3)]
        await asyncio.sleep(0.3)
        assert not there.visits
        await sending_api.post(f"/webhook-subscriptions/{subscription['id']}/rotate-secret", {})
        await until(lambda: len(there.visits) == 3)
        assert sorted(resources(there)) == made


async def test_what_is_claimed_again_while_it_is_let_go_of_is_served(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    # The courier hears that it has let go only after it has claimed the same again.
    leave, claimed_again = Desk.leave, asyncio.Event()

    async def leave_late(self: Desk, claim: Any, *, seconds: float = 0) -> None:
        await leave(self, claim, seconds=seconds)
        await sending_api.new_client()
        async with asyncio.timeout(5):
            await claimed_again.wait()

    claim = Desk.claim

    async def claim_and_tell(self: Desk, **values: Any) -> list[Any]:
        claims = await claim(self, **values)
        if claims:
            # Those who were woken come first.
            asyncio.get_running_loop().call_later(0.05, claimed_again.set)
        return claims

    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: there.visits)
        monkeypatch.setattr(couriers, "CLAIM_SECONDS", 3600)
        monkeypatch.setattr(serving, "_LINGER_SECONDS", 0.01)
        monkeypatch.setattr(Desk, "leave", leave_late)
        monkeypatch.setattr(Desk, "claim", claim_and_tell)
        await until(lambda: len(there.visits) > 1)
        monkeypatch.setattr(Desk, "leave", leave)
