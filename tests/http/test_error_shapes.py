from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import PREFIX, Api, errors_of
from support.routes import CALLS_WITH_ID, EVERY_CALL
from support.tables import rows_of

from kronika.credentials import new_token

MEBIBYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}
EVENTS = "/contact-activity-logs"
NOT_FOUND = {"message": "No query results for model."}

NO_ID = [
    "9223372036854775807", "9223372036854775808", "0", "-1", "+1", "1.0", "1e3", "abc", "%31x", "%201", "%00",
    "%EF%BC%91", "%FF", "1" * 400,
]  # fmt: skip

Send = Callable[[Api], Awaitable[httpx2.Response]]
TOLD: dict[str, tuple[Send, int, dict[str, Any]]] = {
    "no token": (lambda api: api.http.get(PREFIX + "/whoami"), 401, {"message": "Unauthenticated."}),
    "no such record": (lambda api: api.get("/clients/1"), 404, NOT_FOUND),
    "no such route": (lambda api: api.get("/nowhere"), 404, {"message": "Not Found"}),
    "a slash too many": (lambda api: api.get("/whoami/"), 404, {"message": "Not Found"}),
    "no such method": (lambda api: api.request("PUT", "/clients"), 405, {"message": "Method Not Allowed"}),
    "invalid": (
        lambda api: api.post("/clients", {}),
        422,
        {"message": "The given data was invalid.", "errors": {"name": ["This field is required."]}},
    ),
    "a bad key": (
        lambda api: api.post("/clients", {}, key="a key"),
        400,
        {"error": "Idempotency-Key must be 1 to 255 visible ASCII characters"},
    ),
    "too large": (
        lambda api: api.request("POST", "/clients", content=b" " * (MEBIBYTE + 1), headers=JSON),
        413,
        {"message": "Payload Too Large"},
    ),
}
"""A request, its status, its whole body."""


def is_told(response: httpx2.Response, status: int, body: dict[str, Any]) -> bool:
    assert response.headers["content-type"] == "application/json"
    assert re.fullmatch("req_[0-9a-f]{26}", response.headers["x-request-id"])
    assert response.headers["content-language"] == "en"
    assert (response.status_code, response.json()) == (status, body)
    return True


async def send(api: Api, content: bytes | AsyncIterator[bytes], path: str = EVENTS, **headers: str) -> httpx2.Response:
    return await api.request("POST", path, content=content, headers=JSON | headers)


def note(client_id: int, **fields: Any) -> bytes:
    body = {"type": "note", "clientId": client_id, "metadata": {"content": "They accept"}, **fields}
    return json.dumps(body).encode()


def nested(levels: int, opening: str = "[", closing: str = "]") -> Any:
    return json.loads(opening * levels + ("1" if opening.endswith(":") else "") + closing * levels)


@pytest.fixture
async def client_id(api: Api) -> int:
    return await api.new_client()


@pytest.fixture
def nothing_stored(api: Api, client_id: int, owner: psycopg.Connection):
    """After the test, the company has what it had before."""
    before = rows_of(owner, api.company_id)
    yield
    assert rows_of(owner, api.company_id) == before


@pytest.mark.parametrize(("request_", "status", "body"), TOLD.values(), ids=TOLD)
async def test_each_error_has_its_status_and_its_body(api: Api, request_: Send, status: int, body: dict[str, Any]):
    assert is_told(await request_(api), status, body)


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=0.9, text/*", "*/*;q=0", "", "rubbish;;,"])
async def test_an_answer_is_json_whatever_accept_says(plain_api: Api, accept: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(plain_api.http.headers, "Accept", accept)
    for request, status, body in TOLD.values():
        assert is_told(await request(plain_api), status, body)
    assert (await plain_api.get("/whoami")).headers["content-type"] == "application/json"


async def test_every_response_has_a_request_id_of_its_own_and_says_its_language(api: Api, client_id: int):
    created = await api.record("a-key", clientId=client_id)
    path = f"{EVENTS}/{created.json()['id']}"
    responses = [
        created,
        await api.record("a-key", clientId=client_id),
        await api.get(path),
        await api.get(path),
        await api.patch(path, {"metadata": {"content": "Changed"}}),
        await api.delete(path),
        await api.get(EVENTS, params={"clientId": client_id}),
        await api.http.get("/healthz"),
        await api.http.get("/readyz"),
        await api.http.get("/"),
        *[await request(api) for request, _, _ in TOLD.values()],
    ]
    assert {response.status_code for response in responses} >= {200, 201, 204, 400, 401, 404, 405, 413, 422}
    assert all(response.headers["content-language"] == "en" for response in responses)
    assert len({response.headers["x-request-id"] for response in responses}) == len(responses)


async def test_a_request_id_that_the_client_sends_is_not_taken_over(plain_api: Api):
    response = await plain_api.get("/whoami", headers={"X-Request-Id": "req_mine"})
    assert response.headers.get_list("x-request-id") != ["req_mine"]
    assert len(response.headers.get_list("x-request-id")) == 1


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_ID)
async def test_what_cannot_be_an_id_in_the_path_is_404(plain_api: Api, method: str, path: str):
    body = {"json": {"metadata": {"content": "Changed"}}} if method == "PATCH" else {}
    for value in NO_ID:
        assert is_told(await plain_api.request(method, path.format(id=value), **body), 404, NOT_FOUND)


async def test_a_deleted_record_is_404_and_so_is_what_stands_below_it(
    api: Api, client_id: int, owner: psycopg.Connection
):
    case_id = await api.new_case(clientId=client_id)
    gone = (await api.record(clientId=client_id)).json()["id"]
    below = (await api.record(businessCaseId=case_id)).json()["id"]
    await api.delete(f"{EVENTS}/{gone}")
    for table, record_id in (("contacts", client_id), ("timelines", client_id), ("timelines", case_id)):
        owner.execute(f"UPDATE {table} SET deleted_at = now() WHERE id = %s", [record_id])
    for path in (f"{EVENTS}/{gone}", f"{EVENTS}/{below}", f"/clients/{client_id}", f"/business-cases/{case_id}"):
        assert is_told(await api.get(path), 404, NOT_FOUND)
    for event_id in (gone, below):
        assert is_told(await api.delete(f"{EVENTS}/{event_id}"), 404, NOT_FOUND)
        changed = await api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "Changed"}})
        assert is_told(changed, 404, NOT_FOUND)


async def test_an_event_that_the_system_wrote_may_not_be_changed(api: Api, client_id: int, owner: psycopg.Connection):
    event_id = (await api.record(clientId=client_id)).json()["id"]
    owner.execute("UPDATE events SET type = 'document_created', content = NULL WHERE id = %s", [event_id])
    before = rows_of(owner, api.company_id)
    refused = {"message": "This action is unauthorized."}
    assert is_told(await api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "x"}}), 403, refused)
    assert is_told(await api.patch(f"{EVENTS}/{event_id}", {}), 403, refused)
    assert is_told(await api.delete(f"{EVENTS}/{event_id}"), 403, refused)
    assert rows_of(owner, api.company_id) == before


@pytest.mark.parametrize("path", sorted({path for _, path in EVERY_CALL}))
async def test_a_405_names_every_method_that_there_is(plain_api: Api, path: str):
    there = {method for method, other in EVERY_CALL if other == path}
    response = await plain_api.request("TRACE", path.format(id=1))
    assert is_told(response, 405, {"message": "Method Not Allowed"})
    assert {name.strip() for name in response.headers["allow"].split(",")} - {"HEAD"} == there


async def test_all_errors_are_told_at_once_under_dotted_keys(api: Api):
    wrong = {"type": "email", "metadata": {"content": 1, "email": "jana"}, "attachmentUploadTokens": ["a", ""]}
    assert errors_of(await api.post(EVENTS, wrong)).keys() == {
        "businessCaseId", "clientId", "supplierId", "metadata.content", "metadata.email",
        "attachmentUploadTokens.0", "attachmentUploadTokens.1",
    }  # fmt: skip


async def test_a_key_that_was_used_for_something_else_is_named_by_error_alone(api: Api, client_id: int):
    await api.record("a-key", clientId=client_id)
    reused = {"error": "Idempotency-Key reused with different request payload"}
    assert is_told(await api.record("a-key", clientId=client_id), 422, reused)
    assert (await api.post("/clients", {"name": "Acme"}, key="another-key")).status_code == 201
    assert is_told(await api.post("/suppliers", {"name": "Acme"}, key="another-key"), 422, reused)


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
    assert told == {field: ["This must be a whole number."]}


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


async def fail(*_: object, **__: object) -> None:
    raise RuntimeError("a secret detail")


async def test_an_unexpected_exception_is_a_500_that_tells_no_details(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    path = f"/clients/{await plain_api.new_client()}"
    with monkeypatch.context() as patch:
        patch.setattr("kronika.contacts.queries.find_contact", fail)
        assert is_told(await plain_api.get(path), 500, {"message": "Server Error"})
    assert (await plain_api.get(path)).status_code == 200


async def test_an_unexpected_answer_of_the_database_is_a_500_that_tells_no_details(
    api: Api, client_id: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kronika.events.queries._RECORD", "SELECT record_event(secret_column)")
    assert is_told(await api.record(clientId=client_id), 500, {"message": "Server Error"})


async def test_work_undone_by_an_unexpected_exception_leaves_nothing_and_frees_its_key(
    plain_api: Api, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    before = rows_of(owner, plain_api.company_id)
    with monkeypatch.context() as patch:
        patch.setattr("kronika.contacts.actions.record_change", fail)
        response = await plain_api.post("/clients", {"name": "Acme"}, key="a-key")
    assert is_told(response, 500, {"message": "Server Error"})
    assert rows_of(owner, plain_api.company_id) == before
    again = await plain_api.post("/clients", {"name": "Acme"}, key="a-key")
    assert (again.status_code, again.headers["idempotency-status"]) == (201, "Original")


@pytest.mark.parametrize(("method", "path"), [*EVERY_CALL, ("GET", "/nowhere"), ("PUT", "/clients")])
async def test_an_unreachable_database_is_a_503(without_database: httpx2.AsyncClient, method: str, path: str):
    nobody = Api(without_database, 0, 0, new_token())
    response = await nobody.request(method, path.format(id=1), json={})
    assert is_told(response, 503, {"message": "Service Unavailable"})
    assert response.headers["retry-after"] == "1"
