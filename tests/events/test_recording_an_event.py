"""An event is answered, shown and listed exactly as it was recorded, on the one timeline it belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from support.api import Api, errors_of
from support.records import changes_of, number_of_events

from kronika.instants import local_iso8601

TARGET_FIELDS = ("businessCaseId", "clientId", "supplierId")
METADATA: dict[str, dict[str, Any]] = {
    "note": {"content": "They accept"},
    "email": {"content": "The offer is attached", "email": "jana@example.test"},
    "phone_call": {"content": "Wants a discount", "personName": "Jana Nováková", "phoneNumber": "0900 / 123 456"},
}


async def targets_of(api: Api) -> dict[str, int]:
    """A client, a supplier, and a case of that client."""
    client_id = await api.new_client()
    return {
        "clientId": client_id,
        "supplierId": await api.new_supplier(),
        "businessCaseId": await api.new_case(clientId=client_id),
    }


async def test_a_note_is_found_on_the_clients_timeline_exactly_as_it_was_answered(api: Api):
    client_id = await api.new_client()
    response = await api.record(clientId=client_id, metadata={"content": "They accept"})
    assert response.status_code == 201
    assert (await api.get(f"/contact-activity-logs/{response.json()['id']}")).content == response.content
    assert (await api.timeline(clientId=client_id))["data"] == [response.json()]


@pytest.mark.parametrize("target", TARGET_FIELDS)
@pytest.mark.parametrize("type_", METADATA)
async def test_each_type_is_answered_with_its_own_metadata_and_its_one_target(api: Api, type_: str, target: str):
    targets = await targets_of(api)
    response = await api.record(type=type_, metadata=METADATA[type_], **{target: targets[target]})
    event = response.json()
    assert response.status_code == 201
    assert response.headers["Content-Type"] == "application/json"
    assert list(event) == ["id", "type", "metadata", "attachments", *TARGET_FIELDS, "createdAt", "updatedAt"]
    assert (event["type"], event["metadata"], event["attachments"]) == (type_, METADATA[type_], [])
    assert {name: event[name] for name in TARGET_FIELDS} == dict.fromkeys(TARGET_FIELDS) | {target: targets[target]}
    assert (await api.get(f"/contact-activity-logs/{event['id']}")).content == response.content


@pytest.mark.parametrize("target", TARGET_FIELDS)
async def test_an_event_stands_on_its_targets_timeline_and_on_no_other(api: Api, stranger: Api, target: str):
    targets = await targets_of(api)
    event = (await api.record(**{target: targets[target]})).json()
    for other in TARGET_FIELDS:
        page = await api.timeline(**{other: targets[other]})
        assert page["data"] == ([event] if other == target else [])
        assert page["paginator"]["totalResults"] == (other == target)
        assert "errors" in await stranger.timeline(**{other: targets[other]})


async def test_two_cases_of_one_client_keep_their_events_apart(api: Api):
    client_id = await api.new_client()
    first, second = await api.new_case(clientId=client_id), await api.new_case(clientId=client_id)
    event = (await api.record(businessCaseId=first)).json()
    assert (await api.timeline(businessCaseId=first))["data"] == [event]
    assert (await api.timeline(businessCaseId=second))["data"] == []


async def test_a_call_without_a_phone_number_answers_null(api: Api):
    client_id = await api.new_client()
    metadata = {"content": "Nobody answered", "personName": "Jana"}
    event = (await api.record(clientId=client_id, type="phone_call", metadata=metadata)).json()
    assert event["metadata"] == {**metadata, "phoneNumber": None}
    assert (await api.timeline(clientId=client_id))["data"] == [event]


@pytest.mark.parametrize(
    "content",
    ['"quoted" \\ and \u2028 / <b>', "Ľubomír\r\n\tžltý kôň 🐎", "\u0001 control \u007f", "a\u200bb\u00a0c", "null"],
)
async def test_text_comes_back_character_by_character(api: Api, content: str):
    client_id = await api.new_client()
    response = await api.record(clientId=client_id, metadata={"content": content})
    assert response.json()["metadata"] == {"content": content}
    assert (await api.get(f"/contact-activity-logs/{response.json()['id']}")).content == response.content


async def test_white_space_around_text_is_taken_off(api: Api):
    metadata = {"content": "\ufeff\u00a0 They\naccept \u200b\t", "email": " jana@example.test "}
    event = (await api.record(clientId=await api.new_client(), type=" email ", metadata=metadata)).json()
    assert event["metadata"] == {"content": "They\naccept", "email": "jana@example.test"}


async def test_an_id_may_be_written_as_a_text(api: Api):
    client_id = await api.new_client()
    assert (await api.record(clientId=str(client_id))).json()["clientId"] == client_id


async def test_a_stranger_finds_nothing_of_an_event(api: Api, stranger: Api):
    event_id = (await api.record(clientId=await api.new_client())).json()["id"]
    response = await stranger.get(f"/contact-activity-logs/{event_id}")
    assert (response.status_code, response.json()) == (404, {"message": "No query results for model."})


@pytest.mark.parametrize("rate_limit", [0, 1_000_000])
@pytest.mark.parametrize("zone", ["Europe/Bratislava", "America/New_York", "UTC", "Asia/Kolkata"])
async def test_created_at_is_now_in_whole_seconds_with_the_companys_offset(
    new_api: Callable[..., Awaitable[Api]], stranger: Api, zone: str, rate_limit: int
):
    api = await new_api(time_zone=zone, rate_limit=rate_limit)
    client_id = await api.new_client()
    before = datetime.now(UTC).replace(microsecond=0)
    event = (await api.record(clientId=client_id)).json()
    at = datetime.fromisoformat(event["createdAt"])
    assert before <= at <= datetime.now(UTC)
    assert event["createdAt"] == event["updatedAt"] == local_iso8601(at, ZoneInfo(zone))
    assert (await api.timeline(clientId=client_id))["data"] == [event]


@pytest.mark.parametrize("zone", ["America/New_York", "America/St_Johns", "Pacific/Chatham", "UTC", "Africa/Monrovia"])
@pytest.mark.parametrize("at", ["2026-01-15T23:30:00Z", "2026-07-15T00:00:01Z", "2026-10-25T01:00:00Z"])
def test_the_database_writes_an_instant_as_the_code_does(owner: psycopg.Connection, zone: str, at: str):
    written = owner.execute("SELECT local_iso8601(%s::timestamptz, %s) AS text", [at, zone]).fetchone()["text"]
    assert written == local_iso8601(datetime.fromisoformat(at), ZoneInfo(zone))


async def test_recording_writes_one_change_of_its_token_in_the_same_transaction(api: Api, owner: psycopg.Connection):
    client_id = await api.new_client()
    before = changes_of(owner, api)
    event_id = (await api.record(clientId=client_id)).json()["id"]
    [change] = changes_of(owner, api)[len(before) :]
    assert (change["type"], change["resource_id"]) == ("contact-activity-logs.created", event_id)
    assert (change["actor"], change["actor_id"]) == ("token", api.token_id)
    row = owner.execute(
        "SELECT created_by::text, created_by_id, xmin = %s::text::xid8::xid AS same FROM events WHERE id = %s",
        [change["xid"], event_id],
    ).fetchone()
    assert row == {"created_by": "token", "created_by_id": api.token_id, "same": True}


async def test_what_is_refused_leaves_no_event_and_no_change(
    api: Api, stranger: Api, owner: psycopg.Connection, new_api: Callable[..., Awaitable[Api]]
):
    client_id, foreign_id = await api.new_client(), await stranger.new_client()
    reader = await new_api(scope="read", company_id=api.company_id)
    before = changes_of(owner, api), changes_of(owner, stranger)
    assert errors_of(await api.record(clientId=foreign_id)).keys() == {"clientId"}
    assert errors_of(await api.record(clientId=client_id, type="email")).keys() == {"metadata.email"}
    assert (await reader.record(clientId=client_id)).status_code == 403
    assert (await api.http.post("/api/public/v1/contact-activity-logs", json={})).status_code == 401
    assert (changes_of(owner, api), changes_of(owner, stranger)) == before
    assert number_of_events(owner, api) == 0
    assert (await stranger.timeline(clientId=foreign_id))["data"] == []
