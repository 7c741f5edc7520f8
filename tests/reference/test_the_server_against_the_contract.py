"""The running application against the public contract: every operation of its CRM part, every way it can end.

The list of operations comes from the contract. One that Kronika does not serve is a failure here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import httpx2
import pytest
from support.api import PREFIX, Api, errors_of
from support.contract import (
    CRM_TAGS,
    SHOWN_METADATA,
    Operation,
    assert_as_contracted,
    contract,
    crm_operations,
    needs_contract,
)
from support.contract_bodies import FILES, METADATA, World
from support.documents import fed, paid
from support.openapi import operations
from support.routes import record_for

from kronika.db.pool import Database
from kronika.errors import Unavailable

pytestmark = needs_contract

NewApi = Callable[..., Awaitable[Api]]


def of(*, which: Callable[[Operation], bool] = lambda _: True) -> pytest.MarkDecorator:
    """A test for each of these operations of the contract."""
    return pytest.mark.parametrize(
        "operation",
        [pytest.param(each, id=each.name) for each in crm_operations() if which(each)],
    )


def has_id(operation: Operation) -> bool:
    return "{id}" in operation.path


def can_be_invalid(operation: Operation) -> bool:
    """Whether anything is sent that can be wrong. The contract lists a 422 for some of these only.

    It lists one for the deletion of a payment that an invoice was issued for: there is none such here.
    """
    sends = operation.input is not None or bool(operation.queries) or "422" in operation.statuses
    return sends and operation.method != "DELETE"


async def good(world: World, operation: Operation, **headers: str) -> tuple[str, dict[str, Any]]:
    """Path and options of a request that succeeds, on a record of its own."""
    path = operation.path
    if has_id(operation):
        path = path.format(id=await record_for(world.api, path))
    options: dict[str, Any] = {"headers": headers}
    if operation.input is not None:
        options["json"] = world.body(operation, "note")
    elif "requestBody" in operation.declared:
        options["files"] = FILES
    if operation.queries:
        options["params"] = world.query(operation)
    return path, options


async def send(api: Api, operation: Operation, path: str, options: dict[str, Any]) -> httpx2.Response:
    return await api.request(operation.method, path, **options)


@pytest.fixture(scope="module")
async def reader(world: World, new_api: NewApi) -> Api:
    """A token of the same company that may only read."""
    return await new_api(scope="read", company_id=world.api.company_id)


@pytest.mark.parametrize("tag", CRM_TAGS)
def test_the_contract_has_operations_under_each_tag(tag: str):
    assert [operation for operation in crm_operations() if tag in operation.declared["tags"]]


def test_what_metadata_shows_is_all_that_the_contract_names():
    event = contract()["components"]["schemas"]["ContactActivityLog"]["properties"]
    metadata = contract()["components"]["schemas"]["ContactActivityLogMetadata"]["properties"]
    assert set().union(*SHOWN_METADATA.values()) == set(metadata)
    assert SHOWN_METADATA.keys() == set(event["type"]["enum"])
    for name, rules in metadata.items():
        # "Available … for `note` and `email`": where the prose names types, they are these.
        named = set(re.findall(r"`(\w+)`", rules["description"])) & SHOWN_METADATA.keys()
        assert named in (set(), {type_ for type_, shown in SHOWN_METADATA.items() if name in shown}), name


async def test_our_document_lists_every_operation(world: World):
    document = (await world.api.http.get("/openapi.json")).json()
    ours = {(operation["operationId"], method.upper(), path) for path, method, operation in operations(document)}
    theirs = {(each.operation_id, each.method, PREFIX + each.path) for each in crm_operations()}
    assert theirs - ours == set()


@of()
async def test_it_succeeds_as_contracted(world: World, operation: Operation):
    response = await send(world.api, operation, *await good(world, operation))
    assert str(response.status_code) == operation.success, response.text
    assert_as_contracted(operation, response)
    if response.headers.get("content-type") == "application/zip":
        assert zipfile.ZipFile(BytesIO(response.content)).namelist()
    elif operation.success != "204":
        # An empty list would show nothing.
        assert response.json().get("data", response.json())


async def test_events_of_all_types_are_shown_as_contracted(plain_api: Api):
    """Those too that the server writes by itself: the contract names what it shows of each."""
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await fed(plain_api, client_id, totalWithVat=99.9)
    await paid(plain_api, amount=33.3)
    for type_, metadata in METADATA.items():
        said = metadata | ({"documentId": 1} if type_ == "document_linked" else {})
        assert (await plain_api.record(clientId=client_id, type=type_, metadata=said)).status_code == 201
    by_id = {operation.operation_id: operation for operation in crm_operations()}
    for is_there in (True, False):
        if not is_there:
            await plain_api.delete("/documents/invoice/1")
        page = await plain_api.get("/contact-activity-logs", params={"clientId": client_id})
        assert_as_contracted(by_id["listContactActivityLogs"], page)
        events = page.json()["data"]
        assert {event["type"] for event in events} == SHOWN_METADATA.keys() - ({"document_deleted"} if is_there else ())
        for event in events:
            shown = await plain_api.get(f"/contact-activity-logs/{event['id']}")
            assert_as_contracted(by_id["showContactActivityLog"], shown)
            assert shown.json()["metadata"] == event["metadata"]
            assert event["metadata"].get("relatedDocument") is None or is_there


@of(which=lambda operation: operation.is_keyed)
async def test_a_create_that_is_sent_twice_is_answered_twice_and_done_once(world: World, operation: Operation):
    key = f"twice-{operation.operation_id}"
    path, options = await good(world, operation, **{"Idempotency-Key": key})
    first, second = [await send(world.api, operation, path, options) for _ in range(2)]
    assert [first.headers["Idempotency-Status"], second.headers["Idempotency-Status"]] == ["Original", "Repeated"]
    assert first.content == second.content
    for response in (first, second):
        assert str(response.status_code) == operation.success
        assert_as_contracted(operation, response, key=key)


@of(which=lambda operation: operation.is_keyed)
async def test_a_key_that_was_used_for_something_else_is_refused_as_contracted(world: World, operation: Operation):
    key = f"reused-{operation.operation_id}"
    path, options = await good(world, operation, **{"Idempotency-Key": key})
    await send(world.api, operation, path, options)
    others = {"name": "Other", "metadata": {"content": "Other"}, "amount": 7}
    name = next(name for name in others if name in options["json"])
    other = {**options, "json": {**options["json"], name: others[name]}}
    response = await send(world.api, operation, path, other)
    assert (response.status_code, list(response.json())) == (422, ["error"])
    assert_as_contracted(operation, response)


@of()
async def test_without_a_token_that_is_one_it_is_401(world: World, operation: Operation):
    for headers in ({}, {"Authorization": "Bearer kro_nonsense"}):
        path = PREFIX + operation.path.format(id=1)
        response = await world.api.http.request(operation.method, path, headers=headers)
        assert (response.status_code, response.json()) == (401, {"message": "Unauthenticated."})
        assert_as_contracted(operation, response)


# A token of either scope may read: the 403 that the contract lists for reads cannot happen here.
@of(which=lambda operation: operation.is_write)
async def test_a_token_that_may_only_read_is_403_on_a_write(world: World, reader: Api, operation: Operation):
    response = await send(reader, operation, *await good(world, operation))
    assert (response.status_code, response.json()) == (403, {"message": "This action is unauthorized."})
    assert_as_contracted(operation, response)


@of(which=lambda operation: not operation.is_write)
async def test_a_token_that_may_only_read_reads(world: World, reader: Api, operation: Operation):
    response = await send(reader, operation, *await good(world, operation))
    assert str(response.status_code) == operation.success
    assert_as_contracted(operation, response)


@of(which=lambda operation: has_id(operation) or "404" in operation.statuses)
async def test_an_id_that_is_unknown_deleted_foreign_or_no_number_is_404(world: World, operation: Operation):
    _, options = await good(world, operation)
    deleted = await record_for(world.api, operation.path)
    removed = await world.api.delete(re.sub(r"/\{id\}.*", f"/{deleted}", operation.path))
    assert removed.status_code == 204
    for unknown in (10**12, deleted, await record_for(world.stranger, operation.path), "five"):
        response = await send(world.api, operation, operation.path.format(id=unknown), options)
        assert (response.status_code, response.json()) == (404, {"message": "No query results for model."})
        assert_as_contracted(operation, response)


@of(which=can_be_invalid)
async def test_what_is_invalid_is_told_as_contracted(world: World, operation: Operation):
    path, options = await good(world, operation)
    if operation.input is not None:
        # Of the members that the contract names, the first has no type that any of them can have.
        name = next(iter(operation.input["properties"]))
        options["json"] = {**options["json"], name: [[]]}
    elif operation.queries:
        name = next(name for name, rules in operation.queries.items() if "enum" in rules)
        options["params"] = {**options["params"], name: "nonsense"}
    else:
        name = "files"
        options["files"] = [("nothing", ("a.txt", b"a"))]
    response = await send(world.api, operation, path, options)
    assert name in errors_of(response)
    assert_as_contracted(operation, response)


@of(which=lambda operation: "429" in operation.statuses)
async def test_too_many_requests_are_429(world: World, new_api: NewApi, operation: Operation):
    limited = await new_api(rate_limit=1)
    await limited.get("/whoami")
    response = await send(limited, operation, *await good(world, operation))
    assert (response.status_code, response.json()) == (429, {"message": "Too Many Attempts."})
    assert_as_contracted(operation, response)


@of()
async def test_trouble_below_is_told_as_contracted(world: World, monkeypatch: pytest.MonkeyPatch, operation: Operation):
    path, options = await good(world, operation)
    for status, message, trouble in (
        ("500", "Server Error", RuntimeError),
        ("503", "Service Unavailable", Unavailable),
    ):

        @asynccontextmanager
        async def no_connection(_: Database, trouble: type[Exception] = trouble) -> Any:
            raise trouble
            yield

        assert status in operation.statuses
        monkeypatch.setattr(Database, "_connection", no_connection)
        response = await send(world.api, operation, path, options)
        assert (str(response.status_code), response.json()) == (status, {"message": message})
        assert_as_contracted(operation, response)
