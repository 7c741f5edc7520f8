"""POST /webhook-subscriptions/{id}/test-delivery: something to send, that tells of nothing."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from support.api import Api
from support.deliveries import new_subscription
from support.records import changes_of

from kronika.changes.types import CHANGE_TYPES, resource_type
from kronika.db.pool import Database
from kronika.webhooks.delivery_models import TEST_TYPE


@pytest.mark.parametrize("is_active", [True, False])
async def test_a_test_is_about_the_subscription_and_due_at_once_though_it_is_not_active(
    plain_api: Api, owner: psycopg.Connection, database: Database, monkeypatch: pytest.MonkeyPatch, *, is_active: bool
):
    told: list[int] = []
    monkeypatch.setattr(database.news, "changed", told.append)
    subscription_id = new_subscription(owner, plain_api, is_active=is_active)
    path = f"/webhook-subscriptions/{subscription_id}"
    answers = [await plain_api.request("POST", f"{path}/test-delivery") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert UUID(first["webhookId"]) != UUID(second["webhookId"])
    for delivery in (first, second):
        assert delivery["type"] == "webhook-subscriptions.test"
        assert delivery["resource"] == {"type": "webhookSubscription", "id": subscription_id}
        assert (delivery["cause"], delivery["state"], delivery["attempts"]) == ("test", "pending", [])
        assert delivery["nextAttemptAt"] == delivery["createdAt"]
        assert (await plain_api.get(f"{path}/deliveries/{delivery['id']}")).json() == delivery
    assert told == [plain_api.company_id] * 2
    # Nothing has happened.
    assert changes_of(owner, plain_api) == []


async def test_a_test_is_sent_once_with_one_key_whatever_the_body(plain_api: Api, owner: psycopg.Connection):
    path = f"/webhook-subscriptions/{new_subscription(owner, plain_api)}"
    headers = {"Idempotency-Key": "a-key"}
    first = await plain_api.request("POST", f"{path}/test-delivery", headers=headers)
    again = await plain_api.request("POST", f"{path}/test-delivery", headers=headers, content=b"{")
    assert (first.content, again.headers["idempotency-status"]) == (again.content, "Repeated")
    assert len((await plain_api.get(f"{path}/deliveries")).json()["data"]) == 1


async def test_a_stranger_tests_no_subscription_but_his_own(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    ours = new_subscription(owner, plain_api)
    assert (await stranger.request("POST", f"/webhook-subscriptions/{ours}/test-delivery")).status_code == 404
    assert (await plain_api.get(f"/webhook-subscriptions/{ours}/deliveries")).json()["data"] == []


def test_nothing_that_happens_is_taken_for_a_test():
    assert TEST_TYPE not in CHANGE_TYPES
    assert resource_type(TEST_TYPE) == "webhookSubscription"
