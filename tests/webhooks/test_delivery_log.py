"""GET /webhook-subscriptions/{id}/deliveries: what was sent, what became of it, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from support.api import Api, errors_of
from support.deliveries import end_subscription, new_delivery, new_subscription

AT = datetime(2026, 3, 10, 9, 0, 0, 123_987, UTC)
HEARD = UUID("6f1c1b2e-8f0a-4c55-9d5e-3b7c0f4a1d22")


@pytest.fixture
def subscription_id(owner: psycopg.Connection, plain_api: Api) -> int:
    return new_subscription(owner, plain_api)


async def log(api: Api, subscription_id: int, **query: Any) -> dict[str, Any]:
    response = await api.get(f"/webhook-subscriptions/{subscription_id}/deliveries", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def read_all(api: Api, subscription_id: int, **query: Any) -> list[int]:
    """The ids of the whole log, piece by piece."""
    body = await log(api, subscription_id, **query)
    found = [delivery["id"] for delivery in body["data"]]
    while body["more"]:
        body = await log(api, subscription_id, **query | {"before": body["next"]})
        assert body["data"]
        found += [delivery["id"] for delivery in body["data"]]
    assert body["next"] is None
    return found


async def test_a_delivery_shows_what_it_tells_all_its_attempts_and_the_next_one(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    delivery_id = new_delivery(
        owner, plain_api, subscription_id, change_id=HEARD, type="contact-activity-logs.created", resource_id=551,
        occurred_at=AT, state="pending", next_attempt_at=AT + timedelta(seconds=120), created_at=AT,
        attempts=[(AT, "status", 503, 48), (AT + timedelta(seconds=10), "timeout", None, 10_000)],
    )  # fmt: skip
    expected = {
        "id": delivery_id,
        "webhookId": str(HEARD),
        "type": "contact-activity-logs.created",
        "occurredAt": "2026-03-10T09:00:00Z",
        "resource": {"type": "contactActivityLog", "id": 551},
        "cause": "change",
        "state": "pending",
        "attempts": [
            {
                "number": 1, "at": "2026-03-10T10:00:00.123+01:00", "result": "status", "status": 503,
                "milliseconds": 48,
            },
            {
                "number": 2, "at": "2026-03-10T10:00:10.123+01:00", "result": "timeout", "status": None,
                "milliseconds": 10_000,
            },
        ],
        "nextAttemptAt": "2026-03-10T10:02:00.123+01:00",
        "createdAt": "2026-03-10T10:00:00.123+01:00",
    }  # fmt: skip
    shown = await plain_api.get(f"/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}")
    assert shown.json() == expected
    assert await log(plain_api, subscription_id) == {"data": [expected], "next": None, "more": False}


async def test_what_is_settled_has_no_next_attempt_and_what_was_only_asked_for_has_had_none(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    new_delivery(owner, plain_api, subscription_id)
    new_delivery(owner, plain_api, subscription_id, state="pending", cause="replay", attempts=[])
    asked, settled = (await log(plain_api, subscription_id))["data"]
    assert (settled["state"], settled["nextAttemptAt"], len(settled["attempts"])) == ("delivered", None, 1)
    assert (asked["cause"], asked["nextAttemptAt"] is None, asked["attempts"]) == ("replay", False, [])


async def test_the_log_is_read_from_the_newest_on_piece_by_piece(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    assert await log(plain_api, subscription_id) == {"data": [], "next": None, "more": False}
    made = [new_delivery(owner, plain_api, subscription_id) for _ in range(7)]
    for limit in (1, 2, 6, 7, 8):
        assert await read_all(plain_api, subscription_id, limit=limit) == made[::-1]
    first = await log(plain_api, subscription_id, limit=3)
    later = new_delivery(owner, plain_api, subscription_id)
    second = await log(plain_api, subscription_id, limit=3, before=first["next"])
    assert [delivery["id"] for delivery in first["data"] + second["data"]] == made[:0:-1]
    assert (await log(plain_api, subscription_id, limit=1))["data"][0]["id"] == later


async def test_a_piece_has_fifty_and_at_most_two_hundred(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    for _ in range(201):
        new_delivery(owner, plain_api, subscription_id)
    assert len((await log(plain_api, subscription_id))["data"]) == 50
    most = await log(plain_api, subscription_id, limit=200)
    assert (len(most["data"]), most["more"]) == (200, True)


async def test_one_state_can_be_asked_for(plain_api: Api, owner: psycopg.Connection, subscription_id: int):
    made: dict[str, list[int]] = {"pending": [], "delivered": [], "failed": []}
    for state in ("pending", "delivered", "failed", "delivered", "pending", "failed", "pending"):
        made[state].append(new_delivery(owner, plain_api, subscription_id, state=state))
    for state, ids in made.items():
        assert await read_all(plain_api, subscription_id, state=state, limit=1) == ids[::-1]
        assert await read_all(plain_api, subscription_id, state=state) == ids[::-1]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"before": 0}, "before"), ({"before": "x"}, "before"), ({"before": 2**63}, "before"),
        ({"limit": 0}, "limit"), ({"limit": 201}, "limit"), ({"state": "sent"}, "state"), ({"state": "\0"}, "state"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_cannot_be_asked_is_told(plain_api: Api, subscription_id: int, query: dict[str, Any], key: str):
    response = await plain_api.get(f"/webhook-subscriptions/{subscription_id}/deliveries", params=query)
    assert set(errors_of(response)) == {key}


async def test_a_subscription_shows_its_own_deliveries_alone(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, subscription_id: int
):
    sister, theirs = new_subscription(owner, plain_api), new_subscription(owner, stranger)
    ours = new_delivery(owner, plain_api, subscription_id)
    of_sister = new_delivery(owner, plain_api, sister)
    of_stranger = new_delivery(owner, stranger, theirs)
    assert await read_all(plain_api, subscription_id) == [ours]
    for subscription, delivery in ((subscription_id, of_sister), (subscription_id, of_stranger), (theirs, of_stranger)):
        for method, path in (("GET", ""), ("POST", "/replay")):
            response = await plain_api.request(
                method, f"/webhook-subscriptions/{subscription}/deliveries/{delivery}{path}"
            )
            assert response.status_code == 404
    assert await read_all(stranger, theirs) == [of_stranger]


async def test_with_the_subscription_all_that_stands_below_it_is_gone(
    plain_api: Api, owner: psycopg.Connection, subscription_id: int
):
    path = f"/webhook-subscriptions/{subscription_id}"
    delivery_id = new_delivery(owner, plain_api, subscription_id)
    replay = (await plain_api.post(f"{path}/replays", {"from": "2026-03-01T00:00:00Z"})).json()
    end_subscription(owner, plain_api, subscription_id)
    for method, below in (
        ("GET", "/deliveries"), ("GET", f"/deliveries/{delivery_id}"), ("POST", f"/deliveries/{delivery_id}/replay"),
        ("GET", "/replays"), ("POST", "/replays"), ("DELETE", f"/replays/{replay['id']}"), ("POST", "/test-delivery"),
    ):  # fmt: skip
        assert (await plain_api.request(method, path + below, json={})).status_code == 404, (method, below)


async def test_who_may_only_read_looks_and_sends_nothing(
    plain_api: Api, new_api: Callable[..., Any], owner: psycopg.Connection, subscription_id: int
):
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    path, delivery_id = f"/webhook-subscriptions/{subscription_id}", new_delivery(owner, plain_api, subscription_id)
    for looked_at in ("/deliveries", f"/deliveries/{delivery_id}", "/replays"):
        assert (await reader.get(path + looked_at)).status_code == 200
    for asked in (f"/deliveries/{delivery_id}/replay", "/replays", "/test-delivery"):
        assert (await reader.post(path + asked, {"from": "2026-03-01T00:00:00Z"})).status_code == 403
    assert await read_all(plain_api, subscription_id) == [delivery_id]
