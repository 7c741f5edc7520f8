from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import PREFIX, Api, errors_of
from support.documents import fed
from support.errors import JSON, MEBIBYTE, is_told
from support.routes import CALLS_WITH_ID, EVERY_CALL, body_for
from support.tables import rows_of

from kronika.credentials import new_token

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
    for value in NO_ID:
        response = await plain_api.request(method, path.format(id=value), **body_for(method, path))
        assert is_told(response, 404, NOT_FOUND)


@pytest.mark.parametrize("value", [value for value in NO_ID if value != str(2**63 - 1)])
async def test_what_cannot_be_the_number_of_a_document_is_404_too(plain_api: Api, value: str):
    response = await plain_api.put(f"/documents/invoice/{value}", {})
    assert is_told(response, 404, NOT_FOUND)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("type_", ["letter", "Invoice", "%00", "document_created"])
async def test_what_is_no_type_of_documents_is_404(plain_api: Api, method: str, type_: str):
    assert is_told(await plain_api.request(method, f"/documents/{type_}/1", json={}), 404, NOT_FOUND)


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
    await fed(api, client_id)
    (event,) = (await api.timeline(clientId=client_id))["data"]
    assert event["type"] == "document_created"
    path = f"{EVENTS}/{event['id']}"
    before = rows_of(owner, api.company_id)
    refused = {"message": "This action is unauthorized."}
    assert is_told(await api.patch(path, {"metadata": {"content": "x"}}), 403, refused)
    assert is_told(await api.patch(path, {}), 403, refused)
    assert is_told(await api.delete(path), 403, refused)
    assert (rows_of(owner, api.company_id), (await api.get(path)).json()) == (before, event)


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
