"""Delivering again: one delivery, or all that happened in a range of time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.deliveries import EVENTS, new_delivery, new_subscription

from kronika.db.pool import Database
from kronika.webhooks.delivery_models import MOST_ASKED, MOST_REPLAYS

BEGIN = "2026-03-10T10:00:00+01:00"
END = "2026-03-10T12:30:00.250Z"


@pytest.fixture
def subscription_id(owner: psycopg.Connection, plain_api: Api) -> int:
    return new_subscription(owner, plain_api)


@pytest.fixture
async def told(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[int]]:
    """The companies of which senders have been told that there is something."""
    companies: list[int] = []
    monkeypatch.setattr(database.news, "changed", companies.append)
    return companies


def replays(subscription_id: int) -> str:
    return f"/webhook-subscriptions/{subscription_id}/replays"


def rows(owner: psycopg.Connection, table: str, subscription_id: int) -> list[dict[str, Any]]:
    return owner.execute(f"SELECT * FROM {table} WHERE subscription_id = %s ORDER BY id", [subscription_id]).fetchall()


@pytest.mark.parametrize(("was", "becomes"), [("change", "replay"), ("replay", "replay"), ("test", "test")])
@pytest.mark.parametrize("state", ["delivered", "failed", "pending"])
async def test_a_delivery_again_tells_the_same_and_is_due_at_once(
    plain_api: Api,
    owner: psycopg.Connection,
    told: list[int],
    *,
    subscription_id: int,
    was: str,
    becomes: str,
    state: str,
):
    first = new_delivery(
        owner, plain_api, subscription_id, cause=was, state=state,
        next_attempt_at=datetime.now(UTC) + timedelta(hours=1) if state == "pending" else None,
    )  # fmt: skip
    path = f"/webhook-subscriptions/{subscription_id}/deliveries"
    shown = (await plain_api.get(f"{path}/{first}")).json()
    before = owner.execute("SELECT clock() AS now").fetchone()["now"]
    response = await plain_api.request("POST", f"{path}/{first}/replay")
    assert response.status_code == 201
    again = response.json()
    said = ("webhookId", "type", "occurredAt", "resource")
    assert [again[name] for name in said] == [shown[name] for name in said]
    assert (again["cause"], again["state"], again["attempts"]) == (becomes, "pending", [])
    old, new = rows(owner, "webhook_deliveries", subscription_id)
    assert (old["id"], new["id"], new["occurred_at"]) == (first, again["id"], old["occurred_at"])
    assert before <= new["next_attempt_at"] <= owner.execute("SELECT clock() AS now").fetchone()["now"]
    assert (await plain_api.get(f"{path}/{first}")).json() == shown
    assert told == [plain_api.company_id]
    assert (await plain_api.get(f"{path}/{again['id']}")).json() == again


async def test_a_delivery_is_asked_for_once_with_one_key_however_often(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    first, second = (new_delivery(owner, plain_api, subscription_id) for _ in range(2))
    path = f"/webhook-subscriptions/{subscription_id}/deliveries"
    key = {"Idempotency-Key": "a-key"}
    answers = await asyncio.gather(
        *(plain_api.request("POST", f"{path}/{first}/replay", headers=key) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers["idempotency-status"] for answer in answers) == ["Original", *["Repeated"] * 4]
    reused = await plain_api.request("POST", f"{path}/{second}/replay", headers=key)
    assert (reused.status_code, reused.json()) == (
        422, {"error": "Idempotency-Key reused with different request payload"},
    )  # fmt: skip
    assert len(rows(owner, "webhook_deliveries", subscription_id)) == 3


async def test_of_an_inactive_subscription_nothing_but_a_test_is_sent_again(
    plain_api: Api, owner: psycopg.Connection, told: list[int]
):
    subscription_id = new_subscription(owner, plain_api, is_active=False)
    path = f"/webhook-subscriptions/{subscription_id}/deliveries"
    change, test = (new_delivery(owner, plain_api, subscription_id, cause=cause) for cause in ("change", "test"))
    refused = await plain_api.request("POST", f"{path}/{change}/replay")
    assert errors_of(refused) == {"isActive": ["The subscription is not active, so nothing would be sent."]}
    assert set(errors_of(await plain_api.post(replays(subscription_id), {"from": BEGIN}))) == {"isActive"}
    assert told == []
    assert (await plain_api.request("POST", f"{path}/{test}/replay")).status_code == 201


async def test_what_nobody_sends_is_not_asked_for_without_end(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    path = f"/webhook-subscriptions/{subscription_id}"
    first = new_delivery(owner, plain_api, subscription_id)
    owner.execute(
        """
        INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at,
                                        state, attempts, next_attempt_at, created_at)
        SELECT company_id, subscription_id, CASE WHEN n %% 2 = 0 THEN 'test' ELSE 'replay' END, change_id, type,
            resource_id, occurred_at, 'pending', '{}', clock(), clock()
        FROM webhook_deliveries, generate_series(1, %s) n WHERE id = %s
        """,
        [MOST_ASKED - 2, first],
    )
    # Is waiting as well, but not for its first attempt.
    new_delivery(owner, plain_api, subscription_id, state="pending", cause="replay")
    assert (await plain_api.request("POST", f"{path}/test-delivery")).status_code == 201
    owner.execute("DELETE FROM webhook_deliveries WHERE subscription_id = %s AND attempts <> '{}' AND id <> %s",
                  [subscription_id, first])  # fmt: skip
    assert (await plain_api.request("POST", f"{path}/deliveries/{first}/replay")).status_code == 201
    for asked in ("test-delivery", f"deliveries/{first}/replay"):
        refused = await plain_api.request("POST", f"{path}/{asked}")
        assert errors_of(refused) == {
            "deliveries": ["At most 1000 deliveries that were asked for may wait to be sent."]
        }
    assert len(rows(owner, "webhook_deliveries", subscription_id)) == MOST_ASKED + 1


async def test_a_range_is_read_from_all_of_the_journal_up_to_now(
    plain_api: Api, owner: psycopg.Connection, told: list[int], subscription_id: int
):
    await plain_api.new_client()
    told.clear()
    asked = {"from": BEGIN, "to": END, "subscribedEvents": ["clients.updated", "clients.deleted", "clients.updated"]}
    response = await plain_api.post(replays(subscription_id), asked)
    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "id": shown["id"],
        "from": "2026-03-10T10:00:00.000+01:00",
        "to": "2026-03-10T13:30:00.250+01:00",
        "subscribedEvents": ["clients.updated", "clients.deleted"],
    }
    [stretch] = rows(owner, "webhook_stretches", subscription_id)
    last = owner.execute(
        "SELECT max(position) AS n FROM changes WHERE company_id = %s", [plain_api.company_id]
    ).fetchone()["n"]
    assert stretch["cursor"] == 0
    assert stretch["upto"] >= last
    assert (stretch["occurred_from"].isoformat(), stretch["occurred_before"].isoformat()) == (
        "2026-03-10T09:00:00+00:00", "2026-03-10T12:30:00.250000+00:00",
    )  # fmt: skip
    assert told == [plain_api.company_id]
    assert (await plain_api.get(replays(subscription_id))).json() == {"data": [shown]}


async def test_a_range_without_an_end_ends_now_and_without_types_has_those_that_are_subscribed(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    for absent in ({}, {"to": None, "subscribedEvents": None}):
        before = owner.execute("SELECT clock() AS now").fetchone()["now"]
        shown = (await plain_api.post(replays(subscription_id), {"from": BEGIN, **absent})).json()
        stretch = rows(owner, "webhook_stretches", subscription_id)[-1]
        assert before <= stretch["occurred_before"] <= owner.execute("SELECT clock() AS now").fetchone()["now"]
        assert (shown["subscribedEvents"], stretch["events"]) == (EVENTS, EVENTS)


async def test_what_was_swept_away_is_passed_over(plain_api: Api, owner: psycopg.Connection, subscription_id: int):
    await plain_api.new_client()
    owner.execute("UPDATE companies SET changes_swept = 2 ^ 40 WHERE id = %s", [plain_api.company_id])
    response = await plain_api.post(replays(subscription_id), {"from": "1970-01-01T00:00:00Z"})
    assert response.status_code == 201
    [stretch] = rows(owner, "webhook_stretches", subscription_id)
    assert (stretch["cursor"], stretch["upto"]) == (2**40, 2**40)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({}, ["from"]),
        ({"from": None, "to": END}, ["from"]),
        ({"from": "2026-03-10"}, ["from"]),
        ({"from": 1773133200, "to": True}, ["from", "to"]),
        ({"from": END, "to": END}, ["from"]),
        ({"from": END, "to": BEGIN}, ["from"]),
        ({"from": "2999-01-01T00:00:00Z"}, ["from"]),
        ({"from": BEGIN, "subscribedEvents": []}, ["subscribedEvents"]),
        ({"from": BEGIN, "subscribedEvents": "clients.created"}, ["subscribedEvents"]),
        ({"from": BEGIN, "subscribedEvents": ["clients.created", "clients", None]},
         ["subscribedEvents.1", "subscribedEvents.2"]),
        ({"from": BEGIN, "subscribedEvents": ["webhook-subscriptions.test"]}, ["subscribedEvents.0"]),
        ({"to": BEGIN, "subscribedEvents": [[]]}, ["from", "subscribedEvents.0"]),
    ],
    ids=str,
)  # fmt: skip
async def test_a_range_that_cannot_be_meant_is_refused(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int, *, body: dict[str, Any], keys: list[str]
):
    assert set(errors_of(await plain_api.post(replays(subscription_id), body))) == set(keys)
    assert rows(owner, "webhook_stretches", subscription_id) == []


async def test_ten_replays_at_once_and_no_more_however_many_ask(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    sister = new_subscription(owner, plain_api)
    answers = await asyncio.gather(
        *(plain_api.post(replays(subscription_id), {"from": BEGIN}) for _ in range(MOST_REPLAYS + 4))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * MOST_REPLAYS + [422] * 4
    assert errors_of(next(answer for answer in answers if answer.status_code == 422)) == {
        "replays": ["A subscription may have at most 10 replays that are not finished."]
    }
    assert (await plain_api.post(replays(sister), {"from": BEGIN})).status_code == 201
    stopped = answers[[answer.status_code for answer in answers].index(201)].json()["id"]
    assert (await plain_api.delete(f"{replays(subscription_id)}/{stopped}")).status_code == 204
    assert (await plain_api.post(replays(subscription_id), {"from": BEGIN})).status_code == 201


async def test_a_replay_is_begun_once_with_one_key(plain_api: Api, owner: psycopg.Connection, subscription_id: int):
    first, again = [await plain_api.post(replays(subscription_id), {"from": BEGIN}, key="a-key") for _ in range(2)]
    assert (first.content, again.headers["idempotency-status"]) == (again.content, "Repeated")
    assert len(rows(owner, "webhook_stretches", subscription_id)) == 1


async def test_a_replay_can_be_stopped_by_whoever_has_it(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, subscription_id: int
):
    sister, theirs = new_subscription(owner, plain_api), new_subscription(owner, stranger)
    ids = {
        number: (await api.post(replays(number), {"from": BEGIN})).json()["id"]
        for api, number in ((plain_api, subscription_id), (plain_api, sister), (stranger, theirs))
    }
    for subscription, other in ((subscription_id, sister), (subscription_id, theirs), (theirs, theirs)):
        assert (await plain_api.delete(f"{replays(subscription)}/{ids[other]}")).status_code == 404
    assert (await plain_api.get(replays(theirs))).status_code == 404
    own = f"{replays(subscription_id)}/{ids[subscription_id]}"
    assert [(await plain_api.delete(own)).status_code for _ in range(2)] == [204, 404]
    assert (await plain_api.get(replays(subscription_id))).json() == {"data": []}
    for api, number in ((plain_api, sister), (stranger, theirs)):
        assert [each["id"] for each in (await api.get(replays(number))).json()["data"]] == [ids[number]]


async def test_what_the_subscription_sends_anyway_is_no_replay(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    ids = [
        owner.execute(
            """
            INSERT INTO webhook_stretches (company_id, subscription_id, events, cursor, upto)
            VALUES (%s, %s, '{clients.created}', 0, %s) RETURNING id
            """,
            [plain_api.company_id, subscription_id, upto],
        ).fetchone()["id"]
        for upto in (None, 9)
    ]
    assert (await plain_api.get(replays(subscription_id))).json() == {"data": []}
    for stretch_id in ids:
        assert (await plain_api.delete(f"{replays(subscription_id)}/{stretch_id}")).status_code == 404
    assert [row["id"] for row in rows(owner, "webhook_stretches", subscription_id)] == ids
