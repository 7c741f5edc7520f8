"""What of a request is read, and how one that cannot be read is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import PREFIX, Api, errors_of
from support.errors import JSON, MEBIBYTE, is_told
from support.tables import rows_of

EVENTS = "/contact-activity-logs"


async def send(api: Api, content: bytes | AsyncIterator[bytes], path: str = EVENTS, **headers: str) -> httpx2.Response:
    return await api.request("POST", path, content=content, headers=JSON | headers)


def note(client_id: int, **fields: Any) -> bytes:
    body = {"type": "note", "clientId": client_id, "metadata": {"content": "They accept"}, **fields}
    return json.dumps(body).encode()


def nested(levels: int, opening: str = "[", closing: str = "]") -> Any:
    return json.loads(opening * levels + ("1" if opening.endswith(":") else "") + closing * levels)


@pytest.fixture
def nothing_stored(api: Api, client_id: int, owner: psycopg.Connection):
    """After the test, the company has what it had before."""
    before = rows_of(owner, api.company_id)
    yield
    assert rows_of(owner, api.company_id) == before


async def test_unknown_fields_are_ignored(api: Api, client_id: int):
    assert (await send(api, note(client_id, colour={"deep": [1.5, None, "x"]}, metadaat=1))).status_code == 201


NO_OBJECT = {
    "nothing": b"",
    "blank": b" \n",
    "an array": b"[]",
    "null": b"null",
    "a number": b"5",
    "a text": b'"text"',
    "cut off": b'{"type": "note"',
    "two objects": b"{} {}",
    "a comma too many": b'{"type": "note",}',
    "single quotes": b"{'type': 'note'}",
    "NaN": b'{"type": NaN}',
    "Infinity": b'{"type": -Infinity}',
    "a number no float holds": b'{"type": 1e400}',
    "a number of 5000 digits": b'{"type": ' + b"9" * 5000 + b"}",
    "a lone high surrogate": rb'{"type": "\ud83d"}',
    "a lone low surrogate": rb'{"type": "\ude00 \ud83d"}',
    "a lone surrogate in a key": rb'{"\ud83d": 1}',
    "a surrogate in UTF-8": b'{"type": "\xed\xa0\x80"}',
    "truncated UTF-8": b'{"type": "note\xc5"}',
    "truncated UTF-8 at the end": b'{"type": "note"}\xc5',
    "overlong UTF-8": b'{"type": "\xc0\x80"}',
    "Latin-1": '{"type": "Žilina é"}'.encode("cp1250"),
    "UTF-16": '{"type": "note"}'.encode("utf-16"),
    "a raw NUL": b'{"type": "no\x00te"}',
    "very deep arrays": b"[" * 100_000,
    "very deep objects": b'{"a":' * 100_000,
    "very deep and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("content", NO_OBJECT.values(), ids=NO_OBJECT)
@pytest.mark.usefixtures("nothing_stored")
async def test_a_body_that_is_no_storable_json_object_is_told_under_body(api: Api, content: bytes):
    for path in (EVENTS, "/clients"):
        for key in ({}, {"Idempotency-Key": "a-key"}):
            assert errors_of(await send(api, content, path, **key)).keys() == {"body"}


@pytest.mark.parametrize(
    "content", [rb'{"a\u0000b": 1, "clientId": "x"}', rb'{"metadata": {"content\u0000": "x"}, "clientId": "x"}']
)
@pytest.mark.usefixtures("nothing_stored")
async def test_a_nul_in_a_name_is_told_under_body_beside_all_else_that_is_wrong(api: Api, content: bytes):
    told = errors_of(await send(api, content))
    assert {"body", "clientId", "type"} <= told.keys()


@pytest.mark.usefixtures("nothing_stored")
async def test_an_unknown_field_called_body_hides_no_other_error(api: Api):
    told = errors_of(await send(api, rb'{"body": "\u0000", "clientId": "abc", "type": "zzz"}'))
    assert told.keys() == {"body", "clientId", "type", "metadata"}


@pytest.mark.usefixtures("nothing_stored")
async def test_what_is_wrong_in_half_a_million_places_is_told_in_few(api: Api):
    for content in (
        json.dumps({"x" * 20_000: ["\0"] * 2_000}).encode(),
        json.dumps({"type": ["\0"] * 19_000}).encode(),
        json.dumps({"deletedAttachmentIds": [0] * 300_000}).encode(),
        json.dumps({f"{n}\0": 0 for n in range(9_000)}).encode(),
    ):
        response = await send(api, content)
        assert response.status_code == 422
        assert len(response.content) < 10_000


async def test_a_patch_reads_its_body_by_the_same_rules(api: Api, client_id: int, owner: psycopg.Connection):
    event = await api.record(clientId=client_id)
    path = f"{EVENTS}/{event.json()['id']}"
    before = rows_of(owner, api.company_id)
    for content in NO_OBJECT.values():
        response = await api.request("PATCH", path, content=content, headers=JSON)
        assert errors_of(response).keys() == {"body"}
    assert errors_of(await api.request("PATCH", path, content=b"{}")).keys() == {"body"}
    assert (await api.get(path)).content == event.content
    assert rows_of(owner, api.company_id) == before


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "json",
     "application/jsonp", "application/problem+json", ""],
)  # fmt: skip
@pytest.mark.usefixtures("nothing_stored")
async def test_a_body_of_another_media_type_is_told_under_body(api: Api, client_id: int, media_type: str):
    told = await send(api, note(client_id), **{"Content-Type": media_type})
    assert errors_of(told) == {"body": ["The body must be sent as application/json."]}


@pytest.mark.usefixtures("nothing_stored")
async def test_a_body_without_media_type_is_told_under_body(api: Api, client_id: int):
    assert errors_of(await api.request("POST", EVENTS, content=note(client_id))).keys() == {"body"}


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=1"])
async def test_json_may_be_announced_with_parameters_and_in_any_case(api: Api, client_id: int, media_type: str):
    assert (await send(api, note(client_id), **{"Content-Type": media_type})).status_code == 201


@pytest.mark.parametrize("value", [nested(31), nested(31, '{"a":', "}")], ids=["arrays", "objects"])
async def test_thirty_two_levels_of_nesting_are_read(api: Api, client_id: int, value: Any):
    assert (await send(api, note(client_id, deep=value))).status_code == 201


@pytest.mark.parametrize("value", [nested(32), nested(32, '{"a":', "}")], ids=["arrays", "objects"])
@pytest.mark.usefixtures("nothing_stored")
async def test_thirty_three_levels_of_nesting_are_not(api: Api, client_id: int, value: Any):
    told = errors_of(await send(api, note(client_id, deep=value)))
    assert told == {"body": ["The body may be nested at most 32 levels deep."]}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**30, -(10**30)])
@pytest.mark.parametrize("field", ["clientId", "anything"])
@pytest.mark.usefixtures("nothing_stored")
async def test_an_integer_outside_64_bits_is_told_where_it_stands(api: Api, client_id: int, field: str, number: int):
    told = errors_of(await send(api, note(client_id, **{field: number})))
    assert told == {field: ["This number is too large."]}


async def test_an_integer_of_64_bits_is_one(api: Api, client_id: int):
    assert (await send(api, note(client_id, anything=[2**63 - 1, -(2**63)]))).status_code == 201
    assert errors_of(await send(api, note(2**63 - 1))) == {"clientId": ["This does not exist."]}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"metadata": {"content": "They\0accept"}}, "metadata.content"),
        ({"metadata": {"content": "They accept", "note": ["x", {"y": "\0"}]}}, "metadata.note.1.y"),
        ({"type": "note\0"}, "type"),
        ({"clientId": "1\0"}, "clientId"),
        ({"anything": "\0"}, "anything"),
    ],
)
@pytest.mark.usefixtures("nothing_stored")
async def test_an_escaped_nul_is_told_where_it_stands_and_nothing_else_is(
    api: Api, client_id: int, fields: dict[str, Any], path: str
):
    told = errors_of(await send(api, note(client_id, **fields)))
    assert told == {path: ["This contains a character that cannot be stored."]}


@pytest.mark.parametrize("query", ["type=%00", "type=note%00", "clientId=1%00", "clientId=%FF", "perPage=%ED%A0%80"])
async def test_a_query_that_could_not_be_stored_is_told_where_it_stands(api: Api, client_id: int, query: str):
    field = query.partition("=")[0]
    path = f"{EVENTS}?clientId={client_id}&{query}" if field != "clientId" else f"{EVENTS}?{query}"
    assert errors_of(await api.get(path)).keys() == {field}


async def in_chunks(content: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
async def test_a_body_of_one_mebibyte_is_read(api: Api, client_id: int, chunked: bool):
    content = note(client_id).ljust(MEBIBYTE)
    assert (await send(api, in_chunks(content) if chunked else content)).status_code == 201


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.usefixtures("nothing_stored")
async def test_a_body_of_one_byte_more_is_not(api: Api, client_id: int, method: str, chunked: bool):
    content = note(client_id).ljust(MEBIBYTE + 1)
    path = EVENTS if method == "POST" else f"{EVENTS}/1"
    body = in_chunks(content) if chunked else content
    assert is_told(await api.request(method, path, content=body, headers=JSON), 413, {"message": "Payload Too Large"})


@pytest.mark.usefixtures("nothing_stored")
async def test_a_body_in_one_piece_longer_than_it_was_announced_is_measured_as_it_came(api: Api, client_id: int):
    for announced in ("10", "x", "-1"):
        told = await send(api, note(client_id).ljust(MEBIBYTE + 1), **{"Content-Length": announced})
        assert told.status_code == 413


async def test_framing_is_judged_before_the_token(plain_api: Api):
    content = b" " * (MEBIBYTE + 1)
    assert (await plain_api.http.post(f"{PREFIX}/clients", content=content, headers=JSON)).status_code == 413


@pytest.mark.parametrize(
    ("status", "headers"), [(401, {"Authorization": "Bearer nothing"}), (413, {"Content-Length": "3000000"})]
)
async def test_who_is_refused_before_the_body_was_read_is_told_that_the_connection_ends(
    plain_api: Api, status: int, headers: dict[str, str]
):
    response = await plain_api.http.post("/api/public/v1/clients", content=b"{}", headers=JSON | headers)
    assert (response.status_code, response.headers["connection"]) == (status, "close")
