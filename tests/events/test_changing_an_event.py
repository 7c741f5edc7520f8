"""A PATCH replaces what an event says and nothing else; a DELETE takes it off its timeline for good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.records import changes_of, counts_are_right, counts_of, end_timeline, put_event, types_of_changes

NOT_FOUND = {"message": "No query results for model."}
FORBIDDEN = {"message": "This action is unauthorized."}
CALL = {"content": "A call", "personName": "Jana", "phoneNumber": "0900"}
EMAIL = {"content": "An e-mail", "email": "jana@example.test"}
SAID = {"note": {"content": "A note"}, "email": EMAIL, "phone_call": CALL}


def path(event_id: Any) -> str:
    return f"/contact-activity-logs/{event_id}"


async def recorded(api: Api, type_: str = "note", **target: int) -> dict[str, Any]:
    target = target or {"clientId": await api.new_client()}
    return (await api.record(type=type_, metadata=SAID[type_], **target)).json()


def age(owner: psycopg.Connection, event_id: int) -> None:
    """Lets an hour pass since the event was last changed."""
    owner.execute("UPDATE events SET updated_at = updated_at - interval '1 hour' WHERE id = %s", [event_id])


# PATCH


@pytest.mark.parametrize("target", ["clientId", "supplierId", "businessCaseId"])
async def test_a_correction_is_answered_shown_and_listed(plain_api: Api, owner: psycopg.Connection, target: str):
    new = {
        "clientId": plain_api.new_client, "supplierId": plain_api.new_supplier, "businessCaseId": plain_api.new_case,
    }  # fmt: skip
    target_id = await new[target]()
    before = await recorded(plain_api, **{target: target_id})
    age(owner, before["id"])
    response = await plain_api.patch(path(before["id"]), {"metadata": {"content": "  Corrected  "}})
    after = response.json()
    assert response.status_code == 200
    assert after == before | {"metadata": {"content": "Corrected"}, "updatedAt": after["updatedAt"]}
    assert datetime.fromisoformat(after["updatedAt"]) >= datetime.fromisoformat(before["updatedAt"])
    assert (await plain_api.get(path(before["id"]))).content == response.content
    assert (await plain_api.timeline(**{target: target_id}))["data"] == [after]
    assert types_of_changes(owner, plain_api, before["id"]) == [
        "contact-activity-logs.created", "contact-activity-logs.updated",
    ]  # fmt: skip
    assert changes_of(owner, plain_api)[-1]["actor_id"] == plain_api.token_id


async def test_metadata_are_replaced_as_a_whole(plain_api: Api):
    event = await recorded(plain_api, "phone_call")
    response = await plain_api.patch(path(event["id"]), {"metadata": {"content": "Other", "personName": "Eva"}})
    assert response.json()["metadata"] == {"content": "Other", "personName": "Eva", "phoneNumber": None}


@pytest.mark.parametrize(
    ("type_", "metadata", "wrong"),
    [
        ("note", {"content": "x", "email": "jana@example.test"}, {"metadata.email"}),
        ("email", {"content": "x"}, {"metadata.email"}),
        ("email", {"content": "x", "email": "nobody"}, {"metadata.email"}),
        ("email", EMAIL | {"personName": "Jana"}, {"metadata.personName"}),
        ("phone_call", {"phoneNumber": "1"}, {"metadata.content", "metadata.personName"}),
        ("phone_call", CALL | {"relatedDocument": {}}, {"metadata.relatedDocument"}),
        ("note", {}, {"metadata.content"}),
        ("note", {"content": "a" * 65_536}, {"metadata.content"}),
        ("note", None, {"metadata"}),
        ("note", [], {"metadata"}),
    ],
)
async def test_metadata_are_judged_by_the_events_own_type(
    plain_api: Api, owner: psycopg.Connection, type_: str, metadata: Any, wrong: set[str]
):
    event = await recorded(plain_api, type_)
    assert set(errors_of(await plain_api.patch(path(event["id"]), {"metadata": metadata}))) == wrong
    assert (await plain_api.get(path(event["id"]))).json() == event
    assert types_of_changes(owner, plain_api, event["id"]) == ["contact-activity-logs.created"]


async def test_type_and_target_cannot_be_changed_not_even_to_what_they_are(plain_api: Api):
    client_id = await plain_api.new_client()
    event = await recorded(plain_api, clientId=client_id)
    body = {
        "metadata": {"content": "x"}, "type": "note", "clientId": client_id, "supplierId": 1, "businessCaseId": "x",
    }  # fmt: skip
    told = errors_of(await plain_api.patch(path(event["id"]), body))
    assert told == {name: ["This cannot be changed."] for name in body if name != "metadata"}
    nulls = {"metadata": {"content": "x"}, "type": None, "clientId": None, "supplierId": "", "businessCaseId": None}
    assert (await plain_api.patch(path(event["id"]), nulls)).status_code == 200


async def test_attachments_that_the_event_does_not_have_and_unknown_uploads_are_wrong(plain_api: Api):
    event = await recorded(plain_api)
    body = {"metadata": {"content": "x"}, "deletedAttachmentIds": [1, "2", "x", None], "attachmentUploadTokens": ["t"]}
    assert set(errors_of(await plain_api.patch(path(event["id"]), body))) == {
        *(f"deletedAttachmentIds.{n}" for n in range(4)), "attachmentUploadTokens.0",
    }  # fmt: skip
    for value in ("1", 1, {}):
        told = errors_of(await plain_api.patch(path(event["id"]), body | {"deletedAttachmentIds": value}))
        assert set(told) == {"deletedAttachmentIds", "attachmentUploadTokens.0"}
    nothing = {"metadata": {"content": "x"}, "deletedAttachmentIds": [], "attachmentUploadTokens": None}
    assert (await plain_api.patch(path(event["id"]), nothing)).status_code == 200


async def test_a_body_that_is_no_object_is_wrong(plain_api: Api):
    event = await recorded(plain_api)
    for content in (b"", b"[]", b"{", b'"x"'):
        response = await plain_api.request(
            "PATCH", path(event["id"]), content=content, headers={"Content-Type": "application/json"}
        )
        assert set(errors_of(response)) == {"body"}


@pytest.mark.parametrize("type_", SAID)
async def test_a_correction_that_changes_nothing_leaves_no_trace(plain_api: Api, owner: psycopg.Connection, type_: str):
    event = await recorded(plain_api, type_)
    age(owner, event["id"])
    aged = (await plain_api.get(path(event["id"]))).json()
    assert aged["updatedAt"] != event["updatedAt"]
    same = {name: f" {value}\n" for name, value in SAID[type_].items()} | {"mood": "good"}
    response = await plain_api.patch(path(event["id"]), {"metadata": same})
    assert (response.status_code, response.json()) == (200, aged)
    assert types_of_changes(owner, plain_api, event["id"]) == ["contact-activity-logs.created"]


# What may not be touched


@pytest.mark.parametrize(
    "type_", ["document_created", "document_updated", "document_deleted", "document_payment_added"]
)
async def test_an_event_that_the_system_wrote_stays_as_it_is(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, type_: str
):
    client_id = await plain_api.new_client()
    event_id = put_event(owner, plain_api.company_id, client_id, type_, datetime.now(UTC))
    for body in ({"metadata": {"content": "x"}}, {}, []):
        response = await plain_api.patch(path(event_id), body)
        assert (response.status_code, response.json()) == (403, FORBIDDEN)
    response = await plain_api.delete(path(event_id))
    assert (response.status_code, response.json()) == (403, FORBIDDEN)
    assert (await stranger.delete(path(event_id))).json() == NOT_FOUND
    assert types_of_changes(owner, plain_api, event_id) == []
    assert counts_are_right(owner, client_id)
    assert sum(counts_of(owner, client_id)["row"]) == 1


async def assert_is_not_found(api: Api, event_id: Any) -> None:
    for body in ({"metadata": {"content": "x"}}, {}, {"type": "junk", "clientId": -1}, []):
        response = await api.patch(path(event_id), body)
        assert (response.status_code, response.json()) == (404, NOT_FOUND)
    for response in (await api.get(path(event_id)), await api.delete(path(event_id))):
        assert (response.status_code, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "event_id", [999_999_999, 0, -1, "x", "1.0", "1e3", "\u0665", "%00", "+1", " 1", 2**63, "9" * 30]
)
async def test_what_is_no_events_id_is_not_found_whatever_the_body(plain_api: Api, event_id: Any):
    await assert_is_not_found(plain_api, event_id)


async def test_a_strangers_event_is_not_found_and_stays_as_it_is(plain_api: Api, stranger: Api):
    event = await recorded(stranger)
    await assert_is_not_found(plain_api, event["id"])
    assert (await stranger.get(path(event["id"]))).json() == event


@pytest.mark.parametrize("target", ["clientId", "supplierId", "businessCaseId"])
async def test_events_below_something_deleted_are_not_found(plain_api: Api, owner: psycopg.Connection, target: str):
    new = {
        "clientId": plain_api.new_client, "supplierId": plain_api.new_supplier, "businessCaseId": plain_api.new_case,
    }  # fmt: skip
    target_id = await new[target]()
    event = await recorded(plain_api, **{target: target_id})
    end_timeline(owner, target_id)
    await assert_is_not_found(plain_api, event["id"])
    assert set(errors_of(await plain_api.get("/contact-activity-logs", params={target: target_id}))) == {target}
    assert set(errors_of(await plain_api.record(**{target: target_id}))) == {target}


async def test_a_token_that_may_only_read_changes_nothing(
    plain_api: Api, new_api: Callable[..., Awaitable[Api]], owner: psycopg.Connection
):
    event = await recorded(plain_api)
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    for event_id in (event["id"], 999_999_999):
        assert (await reader.patch(path(event_id), {"metadata": {"content": "x"}})).status_code == 403
        assert (await reader.delete(path(event_id))).status_code == 403
    assert (await reader.get(path(event["id"]))).json() == event


# DELETE


async def test_a_deleted_event_is_gone_everywhere_and_can_be_deleted_once(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    first, gone, last = [await recorded(plain_api, type_, clientId=client_id) for type_ in SAID]
    response = await plain_api.delete(path(gone["id"]))
    assert (response.status_code, response.content) == (204, b"")
    await assert_is_not_found(plain_api, gone["id"])
    page = await plain_api.timeline(clientId=client_id)
    assert (page["data"], page["paginator"]["totalResults"]) == ([last, first], 2)
    assert (await plain_api.timeline(clientId=client_id, type="email"))["paginator"]["totalResults"] == 0
    assert counts_are_right(owner, client_id)
    assert types_of_changes(owner, plain_api, gone["id"]) == [
        "contact-activity-logs.created", "contact-activity-logs.deleted",
    ]  # fmt: skip
    assert changes_of(owner, plain_api)[-1]["actor_id"] == plain_api.token_id


# At once


async def test_of_many_deletes_at_once_one_deletes(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    event, other = await recorded(plain_api, clientId=client_id), await recorded(plain_api, clientId=client_id)
    answers = await asyncio.gather(*(plain_api.delete(path(event["id"])) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 19
    assert types_of_changes(owner, plain_api, event["id"]).count("contact-activity-logs.deleted") == 1
    assert counts_are_right(owner, client_id)
    assert (await plain_api.timeline(clientId=client_id))["data"] == [other]


async def test_corrections_deletes_and_recordings_at_once_keep_the_counts_right(
    plain_api: Api, owner: psycopg.Connection
):
    client_id = await plain_api.new_client()
    events = [await recorded(plain_api, type_, clientId=client_id) for type_ in SAID for _ in range(4)]

    async def correct(event: dict[str, Any], n: int) -> int:
        said = SAID[event["type"]] | {"content": f"Correction {n}"}
        return (await plain_api.patch(path(event["id"]), {"metadata": said})).status_code

    async def delete(event: dict[str, Any]) -> int:
        return (await plain_api.delete(path(event["id"]))).status_code

    async def record() -> int:
        return (await plain_api.record(clientId=client_id)).status_code

    work = [correct(event, n) for event in events for n in range(3)]
    work += [delete(event) for event in events[::2] for _ in range(2)] + [record() for _ in range(12)]
    statuses = await asyncio.gather(*(work[n * 7 % len(work)] for n in range(len(work))))
    assert set(statuses) <= {200, 201, 204, 404}
    assert statuses.count(204) == 6
    assert counts_are_right(owner, client_id)
    page = await plain_api.timeline(clientId=client_id, perPage=200)
    assert page["paginator"]["totalResults"] == len(page["data"]) == 18
    for event in events:
        changes = types_of_changes(owner, plain_api, event["id"])
        assert changes[0] == "contact-activity-logs.created"
        # Nothing is announced of an event after its end.
        assert "contact-activity-logs.deleted" not in changes[:-1]


async def test_a_correction_waits_for_the_delete_before_it(plain_api: Api, owner: psycopg.Connection):
    event = await recorded(plain_api)
    with owner.transaction():
        owner.execute("UPDATE events SET deleted_at = clock() WHERE id = %s", [event["id"]])
        waiting = asyncio.create_task(plain_api.patch(path(event["id"]), {"metadata": {"content": "Too late"}}))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert (await waiting).status_code == 404
    assert types_of_changes(owner, plain_api, event["id"]) == ["contact-activity-logs.created"]
