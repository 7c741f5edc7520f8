"""No company sees, changes or learns anything of another by the API."""

from __future__ import annotations

import sys
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import fed, said, shown
from support.routes import CALLS_WITH_ID, body_for, record_for
from support.tables import rows_of

from kronika.input.fields import Field, identifier

UNKNOWN = 2**62
"""An id that no sequence reaches."""

BODIES: dict[str, dict[str, Any]] = {
    "/clients": {"name": "Acme"},
    "/contact-activity-logs": {"type": "note", "metadata": {"content": "They accept"}},
    "/business-cases": {"name": "Roof"},
}
NAMES_A_RECORD = [
    ("GET", "/contact-activity-logs", "clientId"),
    ("GET", "/contact-activity-logs", "supplierId"),
    ("GET", "/contact-activity-logs", "businessCaseId"),
    ("POST", "/contact-activity-logs", "clientId"),
    ("POST", "/contact-activity-logs", "supplierId"),
    ("POST", "/contact-activity-logs", "businessCaseId"),
    ("GET", "/business-cases", "clientId"),
    ("GET", "/business-cases", "supplierId"),
    ("GET", "/business-cases", "statusId"),
    ("POST", "/business-cases", "clientId"),
    ("POST", "/business-cases", "supplierId"),
    ("POST", "/business-cases", "statusId"),
    ("PATCH", "/business-cases/{id}", "statusId"),
    ("PUT", "/business-cases/{id}/position", "statusId"),
    ("PUT", "/documents/invoice/{id}", "clientId"),
    ("PUT", "/documents/invoice/{id}", "supplierId"),
    ("PUT", "/documents/invoice/{id}", "businessCaseId"),
    ("GET", "/documents", "clientId"),
    ("GET", "/documents", "supplierId"),
    ("GET", "/documents", "businessCaseId"),
    ("GET", "/document-payments", "documentId"),
    ("POST", "/document-payments", "documentId"),
]
"""Method, path and a field of body or query that holds the id of a record."""


def without_request_id(response: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that a caller could compare, save what differs each time."""
    told = {"x-request-id", "x-ratelimit-remaining"}
    headers = {name: value for name, value in response.headers.items() if name not in told}
    return response.status_code, response.content, headers


async def call(api: Api, method: str, path: str, record_id: int) -> httpx2.Response:
    return await api.request(method, path.format(id=record_id), **body_for(method, path))


async def naming(api: Api, method: str, path: str, field: str, record_id: int) -> httpx2.Response:
    if path.startswith("/document") and path != "/documents":
        return await naming_about_documents(api, method, path, field, record_id)
    if method == "GET":
        return await api.get(path, params={field: record_id})
    if "{id}" in path:
        return await api.request(method, path.format(id=await api.new_case()), json={field: record_id})
    beside = {"clientId": await api.new_client()} if field == "statusId" else {}
    return await api.request(method, path, json=BODIES[path] | beside | {field: record_id})


async def naming_about_documents(api: Api, method: str, path: str, field: str, record_id: int) -> httpx2.Response:
    if field == "documentId":
        named = {"documentType": "invoice", field: record_id}
        return await api.get(path, params=named) if method == "GET" else await api.post(path, named)
    beside: dict[str, int] = {}
    if field == "businessCaseId":
        case = (await api.get(f"/business-cases/{record_id}")).json()
        beside["clientId"] = case.get("contactId") or await api.new_client()
    return await api.put(path.format(id=1), said(**beside, **{field: record_id}))


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_ID)
async def test_another_companys_id_in_the_path_answers_as_one_that_does_not_exist(
    api: Api, stranger: Api, owner: psycopg.Connection, method: str, path: str
):
    record_id = await record_for(stranger, path)
    shown_at = path.partition("{id}")[0] + str(record_id)
    shown, kept = (await stranger.get(shown_at)).content, rows_of(owner, stranger.company_id)
    foreign = await call(api, method, path, record_id)
    assert foreign.status_code == 404
    assert foreign.content == b'{"message":"No query results for model."}'
    assert without_request_id(foreign) == without_request_id(await call(api, method, path, UNKNOWN))
    assert (await stranger.get(shown_at)).content == shown
    assert rows_of(owner, stranger.company_id) == kept


@pytest.mark.parametrize(("method", "path"), CALLS_WITH_ID)
async def test_an_own_id_in_the_same_place_is_found(api: Api, method: str, path: str):
    assert (await call(api, method, path, await record_for(api, path))).is_success


async def test_what_one_feed_numbers_is_not_what_another_one_numbers_the_same(api: Api, stranger: Api):
    theirs = await fed(stranger, await stranger.new_client(), number="Theirs")
    path = "/documents/invoice/{id}"
    assert (await call(api, "GET", path, theirs["documentId"])).status_code == 404
    ours = await api.put(path.format(id=theirs["documentId"]), said(await api.new_client(), number="Ours"))
    assert (ours.status_code, ours.json()["number"]) == (201, "Ours")
    assert (await api.delete(path.format(id=theirs["documentId"]))).status_code == 204
    assert await shown(stranger) == theirs


async def test_another_companys_id_answers_404_before_anything_is_said_of_the_body(api: Api, stranger: Api):
    path = "/contact-activity-logs/{id}"
    foreign = await api.patch(path.format(id=await record_for(stranger, path)), {"metadata": None, "type": "none"})
    assert foreign.status_code == 404
    own = await api.patch(path.format(id=await record_for(api, path)), {"metadata": None, "type": "none"})
    assert own.status_code == 422


@pytest.mark.parametrize(("method", "path", "field"), NAMES_A_RECORD)
async def test_another_companys_id_in_a_field_answers_as_one_that_does_not_exist(
    api: Api, stranger: Api, new_record, owner: psycopg.Connection, *, method: str, path: str, field: str
):
    foreign_id = await new_record(stranger, field)
    kept = rows_of(owner, stranger.company_id)
    foreign = await naming(api, method, path, field, foreign_id)
    assert errors_of(foreign) == {field: ["This does not exist."]}
    assert without_request_id(foreign) == without_request_id(await naming(api, method, path, field, UNKNOWN))
    assert rows_of(owner, stranger.company_id) == kept


@pytest.mark.parametrize(("method", "path", "field"), NAMES_A_RECORD)
async def test_an_own_id_in_the_same_field_is_found(api: Api, new_record, method: str, path: str, field: str):
    assert (await naming(api, method, path, field, await new_record(api, field))).is_success


# Of whose payments it asks is all that the list of payments can be told.
@pytest.mark.parametrize(
    ("method", "path", "field"), [each for each in NAMES_A_RECORD if each[:2] != ("GET", "/document-payments")]
)
async def test_another_companys_id_is_told_together_with_other_errors_and_again_as_unknown(
    api: Api, stranger: Api, new_record, *, method: str, path: str, field: str
):
    wrong = {
        "type": "letter", "name": 1, "position": -1, "perPage": 0, "documentType": "invoice", "amount": "some",
        field: await new_record(stranger, field),
    }  # fmt: skip
    path = path.format(id=await api.new_case())
    option = "params" if method == "GET" else "json"
    foreign = await api.request(method, path, **{option: wrong})
    assert errors_of(foreign)[field] == ["This does not exist."]
    assert len(errors_of(foreign)) > 1
    assert foreign.content == (await api.request(method, path, **{option: wrong | {field: UNKNOWN}})).content


@pytest.mark.parametrize(("field", "other"), [("clientId", "supplierId"), ("supplierId", "businessCaseId")])
async def test_an_own_id_of_another_kind_is_an_unknown_one(api: Api, new_record, field: str, other: str):
    other_id = await new_record(api, other)
    assert errors_of(await api.record(**{field: other_id})) == {field: ["This does not exist."]}
    assert errors_of(await api.get("/contact-activity-logs", params={field: other_id})) == {
        field: ["This does not exist."]
    }


async def test_a_client_is_no_supplier_and_a_supplier_no_client(plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(), await plain_api.new_supplier()
    assert (await plain_api.get(f"/suppliers/{client_id}")).status_code == 404
    assert (await plain_api.get(f"/clients/{supplier_id}")).status_code == 404
    assert (await plain_api.get(f"/business-cases/{client_id}")).status_code == 404


def test_every_field_that_names_a_record_is_tried_above():
    named = {
        name
        for module in list(sys.modules.values())
        if module.__name__.startswith("kronika.")
        for fields in vars(module).values()
        if isinstance(fields, dict)
        for name, field in fields.items()
        if isinstance(field, Field) and field.reader is identifier().reader
    }
    assert named == {field for _, _, field in NAMES_A_RECORD}


async def test_one_idempotency_key_serves_two_companies_without_either_noticing(api: Api, stranger: Api):
    told: dict[int, list[bytes]] = {}
    for company in (api, stranger):
        client_id = await company.new_client()
        note = {"clientId": client_id, "metadata": {"content": f"Note of {company.company_id}"}}
        first = await company.record("one-key", **note)
        again = await company.record("one-key", **note)
        assert [answer.headers["idempotency-status"] for answer in (first, again)] == ["Original", "Repeated"]
        told[company.company_id] = [first.content, again.content]
        assert (await company.timeline(clientId=client_id))["paginator"]["totalResults"] == 1
    assert told[api.company_id] != told[stranger.company_id]
    assert all(first == again for first, again in told.values())


async def test_the_same_request_with_the_same_key_works_once_for_each_company(plain_api: Api, stranger: Api):
    ours = await plain_api.post("/clients", {"name": "Acme"}, key="one-key")
    theirs = await stranger.post("/clients", {"name": "Acme"}, key="one-key")
    assert ours.status_code == theirs.status_code == 201
    assert ours.json()["id"] != theirs.json()["id"]
    assert theirs.headers["idempotency-status"] == "Original"
