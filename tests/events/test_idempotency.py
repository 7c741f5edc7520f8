"""A request that is sent twice with one key does its work once, and is answered twice with the same bytes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import psycopg
import pytest
from support.api import PREFIX, Api, errors_of
from support.idempotency import (
    BODIES,
    EVENTS,
    REUSED,
    assert_is_repeated,
    case_body,
    event_body,
    every_create,
    pass_hours,
)
from support.records import changes_of, end_timeline, number_of_events

LONGEST_KEY = "!~" + "k" * 253


# The same again


@every_create
@pytest.mark.parametrize("key", ["k", "offer-2026/03_#1", LONGEST_KEY])
async def test_a_repeated_create_is_answered_with_the_same_bytes_and_does_nothing(
    api: Api, owner: psycopg.Connection, path: str, key: str
):
    body = await BODIES[path](api)
    original = await api.post(path, body, key=key)
    assert original.status_code == 201
    assert original.headers["Idempotency-Status"] == "Original"
    assert original.headers["Idempotency-Key"] == key
    changes = changes_of(owner, api)
    for _ in range(3):
        assert_is_repeated(await api.post(path, body, key=key), original)
    assert changes_of(owner, api) == changes
    shown = await api.get(f"{path}/{original.json()['id']}")
    assert shown.content == original.content
    if path == EVENTS:
        assert (await api.timeline(clientId=body["clientId"]))["data"] == [original.json()]


@every_create
async def test_without_a_key_the_same_request_twice_makes_two(api: Api, path: str):
    body = await BODIES[path](api)
    first, second = await api.post(path, body), await api.post(path, body, key="")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    for response in (first, second):
        assert not {"idempotency-key", "idempotency-status"} & response.headers.keys()


@every_create
async def test_two_keys_make_two(api: Api, path: str):
    body = await BODIES[path](api)
    first, second = await api.post(path, body, key="a"), await api.post(path, body, key="A")
    assert second.headers["Idempotency-Status"] == "Original"
    assert first.json()["id"] != second.json()["id"]


async def test_other_spellings_of_the_same_payload_are_the_same_request(api: Api):
    client_id = await api.new_client()
    body = {"clientId": client_id, "type": "note", "metadata": {"content": "Čo ďalej?", "mood": 1}, "extra": [1, None]}
    original = await api.post(EVENTS, body, key="k")
    spellings = [
        json.dumps(body, indent=4),
        json.dumps(dict(reversed(body.items()))),
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        json.dumps(body | {"clientId": float(client_id)}),
        json.dumps(body | {"type": " note\n", "metadata": {"mood": 1.0, "content": "\ufeff Čo ďalej?\u00a0"}}),
        json.dumps(body | {"extra": [1e0, "  "]}),
    ]
    for spelling in spellings:
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json; charset=utf-8"}
        assert_is_repeated(await api.request("POST", EVENTS, content=spelling.encode(), headers=headers), original)


# The same key for something else


@every_create
async def test_a_key_used_for_another_payload_is_refused_and_still_answers_its_own(
    api: Api, owner: psycopg.Connection, path: str
):
    body = await BODIES[path](api)
    original = await api.post(path, body, key="k")
    changes = changes_of(owner, api)
    others = [
        body | {"extra": None},
        body | {"extra": 1},
        body | {"name": "Twice"},
        {},
        body | {"name": 5, "metadata": 5},
        body | {"name": "\0", "metadata": {"content": "\0"}},
    ]
    for other in others:
        response = await api.post(path, other, key="k")
        assert (response.status_code, response.json()) == (422, REUSED)
        assert not {"idempotency-key", "idempotency-status"} & response.headers.keys()
    assert_is_repeated(await api.post(path, body, key="k"), original)
    assert changes_of(owner, api) == changes


async def test_null_and_absent_are_two_requests(api: Api):
    body = await event_body(api)
    assert (await api.post(EVENTS, body | {"supplierId": None}, key="k")).status_code == 201
    assert (await api.post(EVENTS, body, key="k")).json() == REUSED
    assert (await api.post(EVENTS, body | {"supplierId": " "}, key="k")).headers["Idempotency-Status"] == "Repeated"


async def test_order_within_a_list_tells_requests_apart(api: Api):
    body = await event_body(api)
    assert (await api.post(EVENTS, body | {"extra": [1, 2]}, key="k")).status_code == 201
    assert (await api.post(EVENTS, body | {"extra": [2, 1]}, key="k")).json() == REUSED


async def test_a_key_belongs_to_one_endpoint(api: Api):
    event = await event_body(api)
    for path, other in (("/clients", "/suppliers"), ("/suppliers", "/clients")):
        body = {"name": "Once"}
        assert (await api.post(path, body, key=path)).status_code == 201
        assert (await api.post(other, body, key=path)).json() == REUSED
        assert (await api.post("/business-cases", event, key=path)).json() == REUSED
        assert (await api.post(EVENTS, event, key=path)).json() == REUSED


async def test_a_body_that_is_no_json_with_a_used_key_is_another_request(api: Api):
    await api.post(EVENTS, await event_body(api), key="k")
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    response = await api.request("POST", EVENTS, content=b"{", headers=headers)
    assert (response.status_code, response.json()) == (422, REUSED)


@every_create
async def test_the_same_key_of_a_stranger_is_another_key(api: Api, stranger: Api, path: str):
    mine = await api.post(path, await BODIES[path](api), key="k")
    body = await BODIES[path](stranger)
    theirs = await stranger.post(path, body, key="k")
    assert theirs.headers["Idempotency-Status"] == "Original"
    assert mine.json()["id"] != theirs.json()["id"]
    assert_is_repeated(await stranger.post(path, body, key="k"), theirs)


async def test_two_tokens_of_one_company_share_their_keys(api: Api, new_api: Callable[..., Awaitable[Api]]):
    colleague = await new_api(company_id=api.company_id)
    body = await event_body(api)
    original = await api.post(EVENTS, body, key="k")
    assert_is_repeated(await colleague.post(EVENTS, body, key="k"), original)


# What happened meanwhile


async def test_a_replay_tells_what_was_not_what_is(api: Api, owner: psycopg.Connection):
    body = await event_body(api)
    original = await api.post(EVENTS, body, key="k")
    path = f"{EVENTS}/{original.json()['id']}"
    assert (await api.patch(path, {"metadata": {"content": "Corrected"}})).status_code == 200
    assert_is_repeated(await api.post(EVENTS, body, key="k"), original)
    assert (await api.delete(path)).status_code == 204
    assert_is_repeated(await api.post(EVENTS, body, key="k"), original)
    end_timeline(owner, body["clientId"])
    assert_is_repeated(await api.post(EVENTS, body, key="k"), original)
    assert (await api.post(EVENTS, body | {"type": "email"}, key="k")).json() == REUSED
    assert number_of_events(owner, api) == 1


async def test_a_case_is_repeated_after_its_contact_is_gone(plain_api: Api, owner: psycopg.Connection):
    body = await case_body(plain_api)
    original = await plain_api.post("/business-cases", body, key="k")
    end_timeline(owner, body["clientId"])
    assert_is_repeated(await plain_api.post("/business-cases", body, key="k"), original)


# What is refused is not stored


@every_create
async def test_who_corrects_a_payload_may_keep_the_key(api: Api, owner: psycopg.Connection, path: str):
    body = await BODIES[path](api)
    for _ in range(2):
        assert errors_of(await api.post(path, {}, key="k"))
        response = await api.post(path, body | {"name": "x" * 256, "clientId": 999_999_999}, key="k")
        assert {"name", "clientId"} & errors_of(response).keys()
    assert owner.execute("SELECT FROM idempotency_keys WHERE company_id = %s", [api.company_id]).rowcount == 0
    original = await api.post(path, body, key="k")
    assert original.headers["Idempotency-Status"] == "Original"
    assert_is_repeated(await api.post(path, body, key="k"), original)


@every_create
@pytest.mark.parametrize("key", ["k" * 256, "two words", "tab\tbed", "kľúč".encode(), b"k\xff", b"\x7f", "k\u00a0k"])
async def test_a_malformed_key_is_a_400_and_does_nothing(
    api: Api, owner: psycopg.Connection, path: str, key: str | bytes
):
    body = await BODIES[path](api)
    changes = changes_of(owner, api)
    raw = key if isinstance(key, bytes) else key.encode()
    for payload in (body, {}):
        response = await api.post(path, payload, headers={"Idempotency-Key": raw})
        assert response.status_code == 400
        assert list(response.json()) == ["error"]
    assert changes_of(owner, api) == changes


async def test_two_keys_in_one_request_are_a_400(api: Api):
    headers = [("Authorization", f"Bearer {api.token}"), ("Idempotency-Key", "k"), ("Idempotency-Key", "k")]
    for path, make in BODIES.items():
        response = await api.http.post(PREFIX + path, headers=headers, json=await make(api))
        assert (response.status_code, list(response.json())) == (400, ["error"])


@every_create
@pytest.mark.parametrize("key", ["k", "not a key"])
async def test_who_may_not_ask_is_told_so_before_anything_of_the_key(
    api: Api, new_api: Callable[..., Awaitable[Api]], path: str, key: str
):
    body = await BODIES[path](api)
    await api.post(path, body, key="k")
    settings = {"rate_limit": 1_000_000} if "x-ratelimit-limit" in (await api.get("/whoami")).headers else {}
    reader = await new_api(scope="read", company_id=api.company_id, **settings)
    nobody = replace(reader, token=reader.token[:-1] + ("0" if reader.token[-1] != "0" else "1"))
    for payload in (body, {}):
        assert (await reader.post(path, payload, key=key)).status_code == 403
        assert (await nobody.post(path, payload, key=key)).status_code == 401


# Time


@every_create
async def test_a_key_is_kept_for_72_hours_and_not_longer(api: Api, owner: psycopg.Connection, path: str):
    body = await BODIES[path](api)
    original = await api.post(path, body, key="k")
    pass_hours(owner, api, 71.99)
    assert_is_repeated(await api.post(path, body, key="k"), original)
    pass_hours(owner, api, 0.01)
    again = await api.post(path, body, key="k")
    assert again.headers["Idempotency-Status"] == "Original"
    assert again.json()["id"] != original.json()["id"]
    assert_is_repeated(await api.post(path, body, key="k"), again)


async def test_an_expired_key_is_free_for_another_payload(api: Api, owner: psycopg.Connection):
    body = await event_body(api)
    await api.post(EVENTS, body, key="k")
    pass_hours(owner, api, 72)
    other = await api.post(EVENTS, body | {"metadata": {"content": "Other"}}, key="k")
    assert other.headers["Idempotency-Status"] == "Original"
    assert (await api.post(EVENTS, body, key="k")).json() == REUSED
