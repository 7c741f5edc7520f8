"""An event claims uploads by their tokens: each once, in its company, within 24 hours."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api, errors_of
from support.errors import MEBIBYTE
from support.files import EVENTS, PNG, TEXT, download, event_with, kept, upload
from support.idempotency import REUSED, assert_is_repeated
from support.records import number_of_events, types_of_changes
from support.tables import rows_of

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.local import LocalFiles

UNKNOWN = ["This does not exist."]
TWICE = ["This was sent twice."]


@pytest.fixture
async def client_id(api: Api) -> int:
    return await api.new_client()


def patch_body(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"metadata": event["metadata"], **changes}


def names(event: dict[str, Any]) -> list[str]:
    return [attachment["name"] for attachment in event["attachments"]]


async def test_an_event_shows_its_attachments_in_the_order_of_the_tokens_wherever_it_is_shown(
    api: Api, client_id: int, owner: psycopg.Connection
):
    first, second, third = await upload(api, ("1.txt", TEXT), ("2.png", PNG), ("3.txt", TEXT))
    response = await api.record(clientId=client_id, attachmentUploadTokens=[third, first, second])
    event = response.json()
    assert response.status_code == 201
    assert names(event) == ["3.txt", "1.txt", "2.png"]
    assert [list(a) for a in event["attachments"]] == [["id", "name", "mimeType", "url"]] * 3
    assert (await api.get(f"{EVENTS}/{event['id']}")).json() == event
    await api.record(clientId=client_id)
    page = await api.timeline(clientId=client_id)
    assert [names(shown) for shown in page["data"]] == [[], ["3.txt", "1.txt", "2.png"]]
    assert page["data"][1] == event
    assert types_of_changes(owner, api, event["id"]) == ["contact-activity-logs.created"]


async def test_attachments_show_on_every_page_of_a_type_too(plain_api: Api):
    client_id = await plain_api.new_client()
    event = await event_with(plain_api, clientId=client_id)
    for query in ({"type": "note"}, {"perPage": 1, "page": 1}, {"type": "note", "perPage": 200}):
        assert (await plain_api.timeline(clientId=client_id, **query))["data"] == [event]


async def test_a_token_works_once(api: Api, client_id: int):
    (token,) = await upload(api)
    assert (await api.record(clientId=client_id, attachmentUploadTokens=[token])).status_code == 201
    again = await api.record(clientId=client_id, attachmentUploadTokens=[token])
    assert errors_of(again) == {"attachmentUploadTokens.0": UNKNOWN}


async def test_a_token_of_another_company_is_an_unknown_one(api: Api, client_id: int, stranger: Api):
    (token,) = await upload(stranger)
    told = await api.record(clientId=client_id, attachmentUploadTokens=[token])
    assert errors_of(told) == {"attachmentUploadTokens.0": UNKNOWN}
    assert (await event_with(stranger))["attachments"]
    theirs = await stranger.record(clientId=await stranger.new_client(), attachmentUploadTokens=[token])
    assert theirs.status_code == 201


async def test_a_token_ends_after_24_hours_swept_or_not(api: Api, client_id: int, pass_hours):
    (token,) = await upload(api)
    pass_hours(api, 23.99)
    assert (await api.record(clientId=client_id, attachmentUploadTokens=[token])).status_code == 201
    (token,) = await upload(api)
    pass_hours(api, 24)
    told = await api.record(clientId=client_id, attachmentUploadTokens=[token])
    assert errors_of(told) == {"attachmentUploadTokens.0": UNKNOWN}


async def test_everything_wrong_is_told_at_once_and_a_refused_claim_leaves_the_token(api: Api, client_id: int):
    good, used = await upload(api, ("a", TEXT), ("b", TEXT))
    await api.record(clientId=client_id, attachmentUploadTokens=[used])
    told = await api.record(clientId=10**9, attachmentUploadTokens=[good, used, good, "x", " ", 5])
    assert errors_of(told) == {
        "clientId": UNKNOWN,
        "attachmentUploadTokens.1": UNKNOWN,
        "attachmentUploadTokens.2": TWICE,
        "attachmentUploadTokens.3": UNKNOWN,
        "attachmentUploadTokens.4": ["This field is required."],
        "attachmentUploadTokens.5": ["This must be a text."],
    }
    told = await api.record(clientId=client_id, type="email", attachmentUploadTokens=[good, "x"])
    assert errors_of(told).keys() == {"metadata.email", "attachmentUploadTokens.1"}
    assert (await api.record(clientId=client_id, attachmentUploadTokens=[good])).status_code == 201


async def test_a_claim_repeated_with_its_key_is_answered_with_the_same_bytes(api: Api, client_id: int):
    tokens = await upload(api, ("a.txt", TEXT), ("b.txt", TEXT))
    body = {"clientId": client_id, "metadata": {"content": "x"}, "attachmentUploadTokens": tokens}
    original = await api.record("key", **body)
    assert original.headers["idempotency-status"] == "Original"
    assert_is_repeated(await api.record("key", **body), original)
    assert (await api.record("key", **body | {"attachmentUploadTokens": tokens[::-1]})).json() == REUSED
    assert (await api.record("key", **body | {"attachmentUploadTokens": []})).json() == REUSED
    await api.delete(f"{EVENTS}/{original.json()['id']}")
    assert_is_repeated(await api.record("key", **body), original)


async def test_a_refused_claim_keeps_no_key(api: Api, client_id: int):
    told = await api.record("key", clientId=client_id, attachmentUploadTokens=["x"])
    assert errors_of(told) == {"attachmentUploadTokens.0": UNKNOWN}
    corrected = await api.record("key", clientId=client_id, attachmentUploadTokens=await upload(api))
    assert corrected.status_code == 201


async def test_of_many_who_claim_one_token_at_once_one_gets_it(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    (token,) = await upload(plain_api)
    answers = await asyncio.gather(
        *[plain_api.record(clientId=client_id, attachmentUploadTokens=[token]) for _ in range(12)]
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 11
    assert number_of_events(owner, plain_api) == 1
    assert rows_of(owner, plain_api.company_id)["attachments"] == 1


async def test_duplicates_at_two_processes_claim_once_and_all_get_the_answer(
    plain_api: Api, second_database: Database, hasher: Hasher, files: LocalFiles, owner: psycopg.Connection
):
    app = create_app(
        Services(Settings(rate_limit=0, public_url="http://kronika.test"), second_database, hasher, Turns(), files)
    )
    client_id = await plain_api.new_client()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        other = Api(http, plain_api.company_id, plain_api.token_id, plain_api.token)
        for round_ in range(4):
            body = {"clientId": client_id, "metadata": {"content": "x"}, "attachmentUploadTokens": await upload(other)}
            senders = [plain_api, other] * 3
            answers = await asyncio.gather(*[api.record(f"key {round_}".replace(" ", "-"), **body) for api in senders])
            assert {answer.status_code for answer in answers} == {201}
            assert len({answer.content for answer in answers}) == 1
            assert number_of_events(owner, plain_api) == round_ + 1


async def test_more_than_an_event_may_have_are_refused(plain_api: Api, new_api):
    api = await new_api(company_id=plain_api.company_id, max_attachments=2)
    client_id = await api.new_client()
    tokens = await upload(api, *[(f"{n}", TEXT) for n in range(4)])
    told = await api.record(clientId=client_id, attachmentUploadTokens=tokens[:3])
    assert errors_of(told) == {"attachmentUploadTokens": ["This may have at most 2 items."]}
    event = (await api.record(clientId=client_id, attachmentUploadTokens=tokens[:2])).json()
    path = f"{EVENTS}/{event['id']}"
    told = await api.patch(path, patch_body(event, attachmentUploadTokens=tokens[2:3]))
    assert errors_of(told) == {"attachmentUploadTokens": ["An event may have at most 2 attachments."]}
    removed = [event["attachments"][0]["id"]]
    swapped = await api.patch(path, patch_body(event, attachmentUploadTokens=tokens[2:3], deletedAttachmentIds=removed))
    assert names(swapped.json()) == ["1", "2"]


async def test_corrections_at_once_do_not_exceed_what_an_event_may_have(plain_api: Api, new_api):
    api = await new_api(company_id=plain_api.company_id, max_attachments=3)
    event = await event_with(api)
    tokens = await upload(api, *[(f"{n}", TEXT) for n in range(6)])
    answers = await asyncio.gather(
        *[api.patch(f"{EVENTS}/{event['id']}", patch_body(event, attachmentUploadTokens=[token])) for token in tokens]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 422, 422, 422, 422]
    assert len((await api.get(f"{EVENTS}/{event['id']}")).json()["attachments"]) == 3


async def test_a_correction_adds_behind_and_removes(
    plain_api: Api, owner: psycopg.Connection, files_folder: Path, pass_hours
):
    event = await event_with(plain_api, ("1.txt", b"one"), ("2.txt", b"two"))
    path, (first, second) = f"{EVENTS}/{event['id']}", event["attachments"]
    change = {"attachmentUploadTokens": await upload(plain_api, ("3.txt", b"three"))}
    changed = await plain_api.patch(path, patch_body(event, deletedAttachmentIds=[first["id"], first["id"]], **change))
    assert changed.status_code == 200
    assert names(changed.json()) == ["2.txt", "3.txt"]
    assert changed.json()["attachments"][0] == second
    assert (await plain_api.get(path)).json() == changed.json()
    assert types_of_changes(owner, plain_api, event["id"])[1:] == ["contact-activity-logs.updated"]
    assert (await download(plain_api, first)).status_code == 404
    assert (await download(plain_api, second)).content == b"two"
    # Its bytes stay for who restores a backup.
    assert len(kept(files_folder, plain_api.company_id)) == 3
    nothing = await plain_api.patch(path, patch_body(event, attachmentUploadTokens=[], deletedAttachmentIds=None))
    assert nothing.json() == changed.json()
    assert len(types_of_changes(owner, plain_api, event["id"])) == 2


async def test_only_an_events_own_living_attachments_can_be_removed(plain_api: Api, stranger: Api):
    event, other, theirs = [await event_with(api) for api in (plain_api, plain_api, stranger)]
    path, own = f"{EVENTS}/{event['id']}", event["attachments"][0]["id"]
    foreign = [own, other["attachments"][0]["id"], theirs["attachments"][0]["id"], 10**12]
    told = await plain_api.patch(path, patch_body(event, deletedAttachmentIds=foreign))
    assert errors_of(told) == {f"deletedAttachmentIds.{n}": UNKNOWN for n in (1, 2, 3)}
    assert (await plain_api.get(path)).json() == event
    await plain_api.patch(path, patch_body(event, deletedAttachmentIds=[own]))
    told = await plain_api.patch(path, patch_body(event, deletedAttachmentIds=[own]))
    assert errors_of(told) == {"deletedAttachmentIds.0": UNKNOWN}
    assert (await stranger.get(f"{EVENTS}/{theirs['id']}")).json() == theirs


async def test_a_refused_correction_takes_no_token(plain_api: Api):
    event = await event_with(plain_api)
    tokens = await upload(plain_api)
    path = f"{EVENTS}/{event['id']}"
    told = await plain_api.patch(path, {"metadata": {}, "attachmentUploadTokens": [*tokens, "x"]})
    assert errors_of(told).keys() == {"metadata.content", "attachmentUploadTokens.1"}
    assert (await plain_api.patch(path, patch_body(event, attachmentUploadTokens=tokens))).status_code == 200


async def test_a_deleted_event_keeps_its_attachments_out_of_reach(plain_api: Api, owner: psycopg.Connection):
    event = await event_with(plain_api)
    await plain_api.delete(f"{EVENTS}/{event['id']}")
    assert (await download(plain_api, event["attachments"][0])).status_code == 404
    assert (await plain_api.get(f"{EVENTS}/{event['id']}/attachments")).status_code == 404
    assert rows_of(owner, plain_api.company_id)["attachments"] == 1


async def test_a_claim_on_a_large_upload_holds_no_bytes_in_the_database(plain_api: Api, owner: psycopg.Connection):
    content = b"x" * (3 * MEBIBYTE)
    event = await event_with(plain_api, ("large.bin", content))
    assert (await download(plain_api, event["attachments"][0])).content == content
