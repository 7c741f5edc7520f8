"""Webhook subscriptions: who is told of what. Made, shown, changed, deleted by their own company alone."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.idempotency import REUSED, assert_is_repeated
from support.records import changes_of
from support.tables import rows_of
from support.webhooks import PATH, SUBSCRIPTION, stretches_of, subscribed

from kronika.webhooks.models import MOST_SUBSCRIPTIONS

NOT_FOUND = {"message": "No query results for model."}


def without_secret(created: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in created.items() if name != "plainTextSecret"}


async def listed(api: Api) -> list[dict[str, Any]]:
    return (await api.get(PATH)).json()["data"]


async def test_a_subscription_comes_back_as_it_was_sent_with_its_secret_and_is_found(plain_api: Api, stranger: Api):
    twice = ["clients.created", "invoices.paid", "clients.created"]
    body = {**SUBSCRIPTION, "name": " Our mirror\u00a0", "subscribedEvents": twice, "isActive": "1", "x": 1}
    response = await plain_api.post(PATH, body)
    assert response.status_code == 201
    created = response.json()
    assert created == {
        "id": created["id"],
        "companyId": plain_api.company_id,
        "name": "Our mirror",
        "url": SUBSCRIPTION["url"],
        "isActive": True,
        "subscribedEvents": twice[:2],
        "lastSuccessAt": None,
        "lastFailureAt": None,
        "disabledAt": None,
        "disabledReason": None,
        "createdAt": created["createdAt"],
        "updatedAt": created["createdAt"],
        "plainTextSecret": created["plainTextSecret"],
    }
    shown = await plain_api.get(f"{PATH}/{created['id']}")
    assert (shown.status_code, shown.json()) == (200, without_secret(created))
    for method, path, json in (
        ("GET", "", None), ("PUT", "", SUBSCRIPTION), ("DELETE", "", None), ("POST", "/rotate-secret", None),
    ):  # fmt: skip
        foreign = await stranger.request(method, f"{PATH}/{created['id']}{path}", json=json)
        assert (foreign.status_code, foreign.json()) == (404, NOT_FOUND)
    assert (await plain_api.get(f"{PATH}/{created['id']}")).json() == without_secret(created)


async def test_subscriptions_are_listed_whole_in_the_order_they_were_made(plain_api: Api, stranger: Api):
    assert await listed(plain_api) == []
    made = [await subscribed(plain_api) for _ in range(12)]
    assert await listed(plain_api) == [without_secret(each) for each in made]
    assert [each["companyId"] for each in await listed(stranger)] == [stranger.company_id]


async def test_when_deliveries_went_well_and_badly_is_shown_in_the_companys_time(
    plain_api: Api, owner: psycopg.Connection
):
    made = await subscribed(plain_api)
    owner.execute(
        "UPDATE webhook_states SET last_success_at = '2026-03-10T09:00:00.7Z', last_failure_at = '2026-07-10T09:00Z'"
        " WHERE subscription_id = %s",
        [made["id"]],
    )
    shown = (await plain_api.get(f"{PATH}/{made['id']}")).json()
    assert shown["lastSuccessAt"] == "2026-03-10T10:00:00+01:00"
    assert shown["lastFailureAt"] == "2026-07-10T11:00:00+02:00"
    assert await listed(plain_api) == [shown]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("wrong", "keys"),
    [
        ({"url": None, "isActive": None, "subscribedEvents": None}, {"url", "isActive", "subscribedEvents"}),
        ({"url": "", "isActive": "", "subscribedEvents": ""}, {"url", "isActive", "subscribedEvents"}),
        ({"url": 5, "isActive": "yes", "subscribedEvents": {}}, {"url", "isActive", "subscribedEvents"}),
        ({"subscribedEvents": []}, {"subscribedEvents"}),
        ({"subscribedEvents": "clients.created"}, {"subscribedEvents"}),
        ({"subscribedEvents": ["clients.created", "clients"]}, {"subscribedEvents.1"}),
        ({"subscribedEvents": ["*", None, "Clients.created", 5]}, {f"subscribedEvents.{n}" for n in range(4)}),
        ({"subscribedEvents": ["received-invoices.created"]}, {"subscribedEvents.0"}),
        ({"name": "é" * 256}, {"name"}),
        ({"name": ["x"], "url": "http://a.example", "subscribedEvents": []}, {"name", "url", "subscribedEvents"}),
    ],
)  # fmt: skip
async def test_all_that_is_wrong_is_told_and_nothing_is_changed(
    plain_api: Api, owner: psycopg.Connection, *, method: str, wrong: dict[str, Any], keys: set[str]
):
    made = await subscribed(plain_api)
    before = rows_of(owner, plain_api.company_id)
    path = PATH if method == "POST" else f"{PATH}/{made['id']}"
    assert set(errors_of(await plain_api.request(method, path, json=SUBSCRIPTION | wrong))) == keys
    assert rows_of(owner, plain_api.company_id) == before
    assert await listed(plain_api) == [without_secret(made)]


async def test_an_empty_list_is_told_in_the_readers_language(plain_api: Api):
    empty = SUBSCRIPTION | {"subscribedEvents": []}
    assert errors_of(await plain_api.post(PATH, empty)) == {"subscribedEvents": ["This list must not be empty."]}
    slovak = await plain_api.post(PATH, empty, headers={"Accept-Language": "sk"})
    assert errors_of(slovak) == {"subscribedEvents": ["Zoznam nesmie byť prázdny."]}


async def test_a_name_is_not_needed(plain_api: Api):
    unnamed = {name: value for name, value in SUBSCRIPTION.items() if name != "name"}
    made = await plain_api.post(PATH, unnamed)
    assert (made.status_code, made.json()["name"]) == (201, None)
    assert (await plain_api.put(f"{PATH}/{made.json()['id']}", SUBSCRIPTION)).json()["name"] == "Our mirror"
    assert (await plain_api.put(f"{PATH}/{made.json()['id']}", unnamed)).json()["name"] is None


async def test_a_put_replaces_all_and_the_same_put_again_changes_nothing(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    owner.execute(
        "UPDATE webhook_subscriptions SET created_at = '2026-01-01Z', updated_at = '2026-01-01Z' WHERE id = %s",
        [made["id"]],
    )
    wanted = {
        "name": "Other",
        "url": "https://other.example/",
        "isActive": False,
        "subscribedEvents": ["orders.updated"],
    }
    answer = await plain_api.put(f"{PATH}/{made['id']}", wanted)
    assert answer.status_code == 200
    assert answer.json() == {
        **without_secret(made), **wanted, "createdAt": "2026-01-01T01:00:00+01:00",
        "updatedAt": answer.json()["updatedAt"],
    }  # fmt: skip
    assert answer.json()["updatedAt"] > "2026-01-02"
    owner.execute("UPDATE webhook_subscriptions SET updated_at = '2026-01-01Z' WHERE id = %s", [made["id"]])
    again = await plain_api.put(f"{PATH}/{made['id']}", wanted)
    assert again.json() == {**answer.json(), "updatedAt": "2026-01-01T01:00:00+01:00"}
    assert (await plain_api.get(f"{PATH}/{made['id']}")).json() == again.json()


async def test_nothing_that_is_done_to_a_subscription_is_a_change_that_is_told(
    plain_api: Api, owner: psycopg.Connection
):
    made = await subscribed(plain_api)
    await plain_api.put(f"{PATH}/{made['id']}", SUBSCRIPTION)
    await plain_api.post(f"{PATH}/{made['id']}/rotate-secret", None)
    await plain_api.delete(f"{PATH}/{made['id']}")
    assert changes_of(owner, plain_api) == []


# Once for a key


async def test_a_subscription_is_created_once_for_its_key_wherever_its_name_leads_by_then(plain_api: Api):
    answers = await asyncio.gather(*(plain_api.post(PATH, SUBSCRIPTION, key="one") for _ in range(5)))
    original = next(each for each in answers if each.headers["Idempotency-Status"] == "Original")
    for repeated in answers:
        if repeated is not original:
            assert_is_repeated(repeated, original)
    assert len(await listed(plain_api)) == 1
    other = await plain_api.post(PATH, SUBSCRIPTION | {"name": "Other"}, key="one")
    assert (other.status_code, other.json()) == (422, REUSED)


async def test_an_answer_is_repeated_though_the_subscription_is_gone_or_changed(plain_api: Api):
    original = await plain_api.post(PATH, SUBSCRIPTION, key="one")
    subscription_id = original.json()["id"]
    await plain_api.post(f"{PATH}/{subscription_id}/rotate-secret", None)
    assert_is_repeated(await plain_api.post(PATH, SUBSCRIPTION, key="one"), original)
    await plain_api.delete(f"{PATH}/{subscription_id}")
    assert_is_repeated(await plain_api.post(PATH, SUBSCRIPTION, key="one"), original)
    assert await listed(plain_api) == []


# How many


async def test_a_company_has_no_more_subscriptions_than_it_may_however_many_are_made_at_once(
    plain_api: Api, stranger: Api, new_api: Any, owner: psycopg.Connection
):
    # Another application, as another process has it: what waits in this one does not wait for that.
    other = await new_api(company_id=plain_api.company_id, default_language="sk")
    first = await subscribed(plain_api)
    owner.execute(
        """
        WITH made AS (
            INSERT INTO webhook_subscriptions
                (company_id, url, is_active, events, sealed_secret, created_at, updated_at)
            SELECT %s, 'https://a.example', false, '{clients.created}', 'x', clock(), clock()
            FROM generate_series(1, %s) RETURNING company_id, id)
        INSERT INTO webhook_states (company_id, subscription_id, is_active) SELECT company_id, id, false FROM made
        """,
        [plain_api.company_id, MOST_SUBSCRIPTIONS - 4],
    )
    answers = await asyncio.gather(*(api.post(PATH, SUBSCRIPTION) for _ in range(6) for api in (plain_api, other)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [422] * 9
    assert len(await listed(plain_api)) == MOST_SUBSCRIPTIONS == 100
    full = await plain_api.post(PATH, SUBSCRIPTION)
    assert errors_of(full) == {"url": ["A company may have at most 100 webhook subscriptions."]}
    await subscribed(stranger)
    await plain_api.delete(f"{PATH}/{first['id']}")
    await subscribed(plain_api)


# Deletion


async def test_a_deleted_subscription_is_gone_with_its_secret_and_its_stretches(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    gone, kept = await subscribed(plain_api), await subscribed(plain_api)
    assert (await plain_api.delete(f"{PATH}/{gone['id']}")).status_code == 204
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/rotate-secret")):
        again = await plain_api.request(method, f"{PATH}/{gone['id']}{path}", json=SUBSCRIPTION)
        assert (again.status_code, again.json()) == (404, NOT_FOUND)
    assert await listed(plain_api) == [without_secret(kept)]
    row = owner.execute(
        "SELECT sealed_secret, deleted_at IS NULL AS living, is_deleted FROM webhook_subscriptions s"
        " JOIN webhook_states t ON t.subscription_id = s.id WHERE id = %s",
        [gone["id"]],
    ).fetchone()
    assert row == {"sealed_secret": None, "living": False, "is_deleted": True}
    assert stretches_of(owner, gone["id"]) == []
    assert len(stretches_of(owner, kept["id"])) == 1


async def test_deleted_ten_times_at_once_it_is_deleted_once(plain_api: Api):
    made = await subscribed(plain_api)
    answers = await asyncio.gather(*(plain_api.delete(f"{PATH}/{made['id']}") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204, *[404] * 9]


# Who may


async def test_a_token_that_may_only_read_sees_subscriptions_and_changes_none(plain_api: Api, new_api: Any):
    made = await subscribed(plain_api)
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    assert await listed(reader) == [without_secret(made)]
    assert (await reader.get(f"{PATH}/{made['id']}")).status_code == 200
    for method, path in (
        ("POST", PATH), ("PUT", f"{PATH}/{made['id']}"), ("DELETE", f"{PATH}/{made['id']}"),
        ("POST", f"{PATH}/{made['id']}/rotate-secret"),
    ):  # fmt: skip
        answer = await reader.request(method, path, json=SUBSCRIPTION | {"name": "Other"})
        assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})
    assert await listed(plain_api) == [without_secret(made)]
