"""What happened reaches those who subscribed to it: signed, at once, once and again until it is taken."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import PAUSES, NewCourier, header, resources, subscribe, until
from support.receivers import OK, Names, Visit, answering, receiver

from kronika.db.pool import Database
from kronika.hosts import AllowedHosts
from kronika.outgoing.sending import Sender
from kronika.webhooks.courier import Courier

NO = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


def failing(times: int) -> Callable[[Visit], Awaitable[None]]:
    """Says no so often, then yes."""
    left = [times]

    async def behave(visit: Visit) -> None:
        left[0] -= 1
        await visit.say(NO if left[0] >= 0 else OK)

    return behave


def deliveries(owner: psycopg.Connection, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    """As they are kept, with their attempts."""
    rows = owner.execute(
        """
        SELECT id, cause, type, resource_id, state, next_attempt_at, created_at, to_jsonb(attempts) AS attempts
        FROM webhook_deliveries WHERE subscription_id = %s ORDER BY id
        """,
        [subscription["id"]],
    ).fetchall()
    for row in rows:
        for attempt in row["attempts"]:
            attempt["at"] = datetime.fromisoformat(attempt["at"])
    return rows


async def test_a_change_reaches_who_subscribed_to_its_type(
    sending_api: Api, stranger: Api, a_courier: Courier, owner: psycopg.Connection
):
    async with receiver(answering(OK)) as ours, receiver(answering(OK)) as others:
        subscription = await subscribe(sending_api, ours.url, "clients.created")
        await subscribe(sending_api, others.url, "suppliers.created")
        client_id = await sending_api.new_client()
        await stranger.new_client()
        supplier_id = await sending_api.new_supplier()
        await until(lambda: ours.visits and others.visits)
        [visit] = ours.visits
        assert resources(others) == [supplier_id]

        payload = json.loads(visit.body)
        change = owner.execute(
            "SELECT id, occurred_at FROM changes WHERE company_id = %s AND resource_id = %s",
            [sending_api.company_id, client_id],
        ).fetchone()
        assert payload == {
            "id": str(change["id"]),
            "type": "clients.created",
            "occurredAt": change["occurred_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resource": {"type": "client", "id": client_id},
        }
        assert visit.head.startswith("POST /hook HTTP/1.1\r\n")
        assert header(visit.head, "content-type") == "application/json"
        assert header(visit.head, "webhook-id") == payload["id"]
        sent_at = int(header(visit.head, "webhook-timestamp"))
        assert abs(sent_at - change["occurred_at"].timestamp()) < 20
        signature = hmac.digest(subscription["plainTextSecret"].encode(), visit.body, "sha256").hex()
        assert header(visit.head, "webhook-signature") == signature

        await until(lambda: len(deliveries(owner, subscription)) == 1)
        [delivery] = deliveries(owner, subscription)
        assert delivery["state"] == "delivered"
        assert [(attempt["result"], attempt["status"]) for attempt in delivery["attempts"]] == [("delivered", 200)]
        shown = (await sending_api.get(f"/webhook-subscriptions/{subscription['id']}")).json()
        assert shown["lastSuccessAt"] is not None
        assert shown["lastFailureAt"] is None


async def test_what_happened_before_the_subscription_is_not_sent(sending_api: Api, a_courier: Courier):
    await sending_api.new_client()
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        client_id = await sending_api.new_client()
        await until(lambda: there.visits)
        assert resources(there) == [client_id]


async def test_a_failed_attempt_is_repeated_after_each_pause_and_then_no_more(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection
):
    async with receiver(answering(NO)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: any(row["state"] == "failed" for row in deliveries(owner, subscription)))
        [delivery] = deliveries(owner, subscription)
        assert len(delivery["attempts"]) == len(there.visits) == 1 + len(PAUSES)
        assert delivery["next_attempt_at"] is None
        assert {(attempt["result"], attempt["status"]) for attempt in delivery["attempts"]} == {("status", 500)}
        for (before, after), pause in zip(pairwise(delivery["attempts"]), PAUSES, strict=True):
            ended_at = before["at"] + timedelta(milliseconds=before["milliseconds"])
            assert after["at"] - ended_at >= timedelta(seconds=pause) - timedelta(milliseconds=1)
        # The same bytes under the same id, each attempt at its own time.
        assert len({visit.body for visit in there.visits}) == 1
        assert len({header(visit.head, "webhook-id") for visit in there.visits}) == 1
        shown = (await sending_api.get(f"/webhook-subscriptions/{subscription['id']}")).json()
        assert (shown["lastSuccessAt"], shown["isActive"], shown["disabledAt"]) == (None, True, None)
        assert shown["lastFailureAt"] is not None


async def test_a_success_ends_the_attempts(sending_api: Api, a_courier: Courier, owner: psycopg.Connection):
    async with receiver(failing(2)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: any(row["state"] == "delivered" for row in deliveries(owner, subscription)))
        [delivery] = deliveries(owner, subscription)
        assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 200]
        shown = (await sending_api.get(f"/webhook-subscriptions/{subscription['id']}")).json()
        assert shown["lastSuccessAt"] is not None
        assert shown["lastFailureAt"] is not None


@pytest.mark.parametrize(
    ("says", "is_kept"),
    [
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", ("redirected", 301)),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", ("status", 410)),
        (b"not HTTP at all\r\n\r\n", ("answer_broken", None)),
    ],
)
async def test_only_an_answer_of_2xx_is_a_success(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection, says: bytes, is_kept: tuple[str, int | None]
):
    async with receiver(answering(says)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: deliveries(owner, subscription))
        [delivery] = deliveries(owner, subscription)
        assert (delivery["attempts"][0]["result"], delivery["attempts"][0]["status"]) == is_kept
        assert delivery["state"] != "delivered"


async def test_an_address_that_is_private_by_now_is_a_failed_attempt(
    sending_api: Api, new_courier: NewCourier, owner: psycopg.Connection
):
    subscription = await subscribe(sending_api, "http://127.0.0.1:9/hook")
    owner.execute(
        "UPDATE webhook_subscriptions SET url = 'https://hooks.example.com/' WHERE id = %s", [subscription["id"]]
    )
    careful = Sender(AllowedHosts(), resolve=Names("93.184.215.14 10.0.0.7"))
    async with new_courier(sender=careful, pauses=()):
        await sending_api.new_client()
        await until(lambda: deliveries(owner, subscription))
    [delivery] = deliveries(owner, subscription)
    assert [attempt["result"] for attempt in delivery["attempts"]] == ["refused_address"]
    assert delivery["state"] == "failed"


async def test_a_change_that_commits_late_is_sent_though_later_ones_went_before(
    sending_api: Api, a_courier: Courier, database: Database, owner: psycopg.Connection
):
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        first = await sending_api.new_client()
        await until(lambda: there.visits)
        async with database.transaction(sending_api.company_id) as slow:
            await slow.run(
                "INSERT INTO changes (company_id, type, resource_id, actor)"
                " VALUES (%(company_id)s, 'clients.created', 7, 'system')"
            )
            second = await sending_api.new_client()
            await asyncio.sleep(0.3)
        await until(lambda: len(there.visits) == 3)
        assert sorted(resources(there)) == sorted([first, 7, second])


async def test_what_was_rolled_back_is_not_announced(sending_api: Api, a_courier: Courier, database: Database):
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        async with database.transaction(sending_api.company_id) as undone:
            await undone.run(
                "INSERT INTO changes (company_id, type, resource_id, actor)"
                " VALUES (%(company_id)s, 'clients.created', 7, 'system')"
            )
            await undone.rollback()
        client_id = await sending_api.new_client()
        await until(lambda: there.visits)
        assert resources(there) == [client_id]


async def test_a_receiver_that_hangs_delays_nobody_else(
    sending_api: Api, new_sending_api: Callable[[], Awaitable[Api]], a_courier: Courier
):
    neighbour = await new_sending_api()
    async with receiver(Visit.hang) as hung, receiver(answering(OK)) as there, receiver(answering(OK)) as next_door:
        await subscribe(sending_api, hung.url)
        await subscribe(sending_api, there.url)
        await subscribe(neighbour, next_door.url)
        made = [await sending_api.new_client() for _ in range(30)]
        next_doors = [await neighbour.new_client() for _ in range(30)]
        # The one that hangs has not seen its first deadline yet.
        async with asyncio.timeout(8):
            await until(lambda: len(there.visits) == 30 and len(next_door.visits) == 30)
        assert sorted(resources(there)) == made
        assert sorted(resources(next_door)) == next_doors
        assert 0 < len(hung.visits) <= 16


async def test_many_are_sent_and_each_once(sending_api: Api, a_courier: Courier, owner: psycopg.Connection):
    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        made = [await sending_api.new_client() for _ in range(300)]
        await until(lambda: len(deliveries(owner, subscription)) == 300)
        assert sorted(resources(there)) == made


async def test_changes_of_other_types_are_passed_over_however_many(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection
):
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        owner.execute(
            """
            INSERT INTO changes (company_id, type, resource_id, actor)
            SELECT %s, 'suppliers.created', n, 'system' FROM generate_series(1, 12000) n
            """,
            [sending_api.company_id],
        )
        client_id = await sending_api.new_client()
        await until(lambda: there.visits)
        assert resources(there) == [client_id]


async def test_a_secret_that_is_rotated_signs_from_the_next_delivery_on(sending_api: Api, a_courier: Courier):
    async with receiver(answering(OK)) as there:
        subscription = await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: there.visits)
        rotated = (await sending_api.post(f"/webhook-subscriptions/{subscription['id']}/rotate-secret", {})).json()
        await sending_api.new_client()
        await until(lambda: len(there.visits) == 2)
        secrets = [subscription["plainTextSecret"], rotated["plainTextSecret"]]
        assert secrets[0] != secrets[1]
        for visit, secret in zip(there.visits, secrets, strict=True):
            assert header(visit.head, "webhook-signature") == hmac.digest(secret.encode(), visit.body, "sha256").hex()


async def test_nothing_is_sent_for_a_subscription_that_is_gone(sending_api: Api, a_courier: Courier):
    async with receiver(failing(1)) as gone, receiver(answering(OK)) as there:
        deleted = await subscribe(sending_api, gone.url)
        await subscribe(sending_api, there.url)
        await sending_api.new_client()
        await until(lambda: gone.visits)
        assert (await sending_api.delete(f"/webhook-subscriptions/{deleted['id']}")).status_code == 204
        visits = len(gone.visits)
        await sending_api.new_client()
        await until(lambda: len(there.visits) == 2)
        await asyncio.sleep(2 * PAUSES[0])
        assert len(gone.visits) <= visits + 1  # One may have been under way.
        assert len(set(resources(gone))) == 1
