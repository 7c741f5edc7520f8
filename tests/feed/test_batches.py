"""POST /documents/batch: many documents, each for itself, with a result for each."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import announced, fed, said, shown, told, types_told
from support.tables import rows_of


def item(client_id: int, document_id: int, document_type: str = "invoice", **fields: Any) -> dict[str, Any]:
    return {"documentType": document_type, "documentId": document_id, **said(client_id, **fields)}


async def put(api: Api, documents: list[Any]) -> list[Any]:
    response = await api.post("/documents/batch", {"documents": documents})
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def outcomes(api: Api, documents: list[Any]) -> list[str]:
    return [result["outcome"] for result in await put(api, documents)]


async def test_every_document_has_its_own_result(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, 1)
    await fed(plain_api, client_id, 2)
    results = await put(
        plain_api,
        [
            item(client_id, 1),
            item(client_id, 2, number="FV2"),
            item(client_id, 3, "order"),
            item(client_id, 4, issueDate="x", number=None),
            item(999_999_999, 5),
        ],
    )
    assert results == [
        {"documentType": "invoice", "documentId": 1, "outcome": "unchanged", "errors": None},
        {"documentType": "invoice", "documentId": 2, "outcome": "updated", "errors": None},
        {"documentType": "order", "documentId": 3, "outcome": "created", "errors": None},
        {
            "documentType": "invoice", "documentId": 4, "outcome": "refused",
            "errors": {
                "number": ["This field is required."],
                "issueDate": ["This must be a day of the calendar like 2026-03-10."],
            },
        },
        {
            "documentType": "invoice", "documentId": 5, "outcome": "refused",
            "errors": {"clientId": ["This does not exist."]},
        },
    ]  # fmt: skip
    assert [(await plain_api.get(f"/documents/invoice/{n}")).status_code for n in (4, 5)] == [404, 404]
    assert await types_told(plain_api, clientId=client_id) == [
        "document_created", "document_created", "document_updated", "document_created",
    ]  # fmt: skip


async def test_a_thousand_at_once_and_again_without_a_trace(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    clients = [await plain_api.new_client() for _ in range(3)]
    await fed(stranger, await stranger.new_client(), 7)
    strangers = rows_of(owner, stranger.company_id)
    feed = [item(clients[n % 3], n, number=f"N{n}", totalWithVat=n) for n in range(1, 1001)]
    assert await outcomes(plain_api, feed) == ["created"] * 1000
    before = rows_of(owner, plain_api.company_id)
    assert (before["documents"], before["events"]) == (1000, 1000)
    assert await outcomes(plain_api, feed) == ["unchanged"] * 1000
    assert rows_of(owner, plain_api.company_id) == before
    for n, client_id in enumerate(clients):
        events = await told(plain_api, clientId=client_id)
        assert [event["relatedDocument"]["documentId"] for event in events] == [*range(n or 3, 1001, 3)]
    assert (await shown(plain_api, 1000))["totalWithVat"] == 1000
    assert rows_of(owner, stranger.company_id) == strangers


async def test_what_is_said_twice_in_a_batch_happens_in_its_order(plain_api: Api):
    client_id = await plain_api.new_client()
    batch = [item(client_id, 1, number=number) for number in ("A", "A", "B", "A")]
    assert await outcomes(plain_api, batch) == ["created", "unchanged", "updated", "updated"]
    assert (await shown(plain_api))["number"] == "A"
    events = await told(plain_api, clientId=client_id)
    assert [event["documentNumberSnapshot"] for event in events] == ["A", "B", "A"]


@pytest.mark.parametrize(
    "broken",
    [
        7, None, "x", [], {}, {"documentType": "invoices"}, {"documentId": 0}, {"documentId": None},
        {"documentType": 7, "documentId": "x"}, {"number": "x\0"}, {"clientId": 2**63}, {"x": {"y": "\0"}},
        {"totalWithVat": 1.001}, {"businessCaseId": 999_999_999}, {"supplierId": 1},
    ],
    ids=repr,
)  # fmt: skip
async def test_a_broken_one_does_not_stop_its_neighbours(plain_api: Api, owner: psycopg.Connection, broken: Any):
    client_id = await plain_api.new_client()
    wrong = item(client_id, 2) | broken if isinstance(broken, dict) and broken else broken
    first, middle, last = await put(plain_api, [item(client_id, 1), wrong, item(client_id, 3)])
    assert (first["outcome"], last["outcome"]) == ("created", "created")
    assert middle["outcome"] == "refused"
    assert middle["errors"]
    assert announced(owner, plain_api) == [("invoices.created", 1), ("invoices.created", 3)]


@pytest.mark.parametrize("number", [0, -1, "0"])
async def test_a_number_of_the_feed_counts_from_one(plain_api: Api, number: Any):
    (result,) = await put(plain_api, [item(await plain_api.new_client(), number)])
    assert (result["outcome"], result["documentId"]) == ("refused", None)
    assert result["errors"] == {"documentId": ["This must be at least 1."]}


@pytest.mark.parametrize("body", [{}, {"documents": None}, {"documents": {}}, {"documents": "x"}, [], 7], ids=repr)
async def test_a_body_that_is_no_batch_is_refused(plain_api: Api, body: Any):
    assert set(errors_of(await plain_api.post("/documents/batch", body))) <= {"documents", "body"}


@pytest.mark.parametrize("name", ["documents.x.y", "documents.\u00b2", "documents.0.number", "documents."])
async def test_a_member_that_looks_like_a_place_in_the_batch_is_none(plain_api: Api, name: str):
    client_id = await plain_api.new_client()
    sound = {"documents": [item(client_id, 1)]}
    assert errors_of(await plain_api.post("/documents/batch", {**sound, name: "\0"}))
    fine = await plain_api.post("/documents/batch", {**sound, name: "ignored"})
    assert [result["outcome"] for result in fine.json()["data"]] == ["created"]


async def test_a_refused_document_is_told_all_that_is_wrong_with_it(plain_api: Api):
    client_id, case_of_another = await plain_api.new_client(), await plain_api.new_case()
    for wrong, keys in (
        ({"number": None, "clientId": 999_999_999}, {"number", "clientId"}),
        ({"number": None, "businessCaseId": 999_999_999}, {"number", "businessCaseId"}),
        ({"number": None, "businessCaseId": case_of_another}, {"number", "businessCaseId"}),
        ({"documentType": "x", "clientId": 999_999_999}, {"documentType", "clientId"}),
    ):
        [result] = await put(plain_api, [item(client_id, 1) | wrong])
        assert set(result["errors"]) == keys
        if "documentType" not in wrong:
            assert errors_of(await plain_api.put("/documents/invoice/1", said(client_id) | wrong)) == result["errors"]


async def test_a_batch_of_none_has_no_results(plain_api: Api):
    assert await put(plain_api, []) == []


async def test_more_than_a_thousand_are_refused(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    refused = await plain_api.post("/documents/batch", {"documents": [item(client_id, n) for n in range(1, 1002)]})
    assert errors_of(refused) == {"documents": ["This may have at most 1000 items."]}
    assert announced(owner, plain_api) == []


async def test_long_documents_are_taken_too_and_endless_ones_are_not(plain_api: Api):
    client_id = await plain_api.new_client()
    long = {"name": "ž" * 255, "number": "ď" * 255, "dueDate": None}
    batch = [item(client_id, n, **long) for n in range(1, 1001)]
    assert await outcomes(plain_api, batch) == ["created"] * 1000
    bulky = [{**each, "note": "x" * 4000} for each in batch]
    assert (await plain_api.post("/documents/batch", {"documents": bulky})).status_code == 413
    many = [{**each, "rows": [0] * 100} for each in batch]
    assert set(errors_of(await plain_api.post("/documents/batch", {"documents": many}))) == {"body"}


async def test_too_much_that_cannot_be_stored_refuses_the_whole(plain_api: Api, owner: psycopg.Connection):
    """A body tells at most so many faults: beyond them nobody knows which documents are sound."""
    client_id = await plain_api.new_client()
    refused = await plain_api.post(
        "/documents/batch", {"documents": [item(client_id, n, name="\0") for n in range(1, 201)]}
    )
    assert len(errors_of(refused)) == 100
    assert announced(owner, plain_api) == []


async def test_the_same_batch_from_all_sides_is_written_once(plain_api: Api, owner: psycopg.Connection):
    clients = [await plain_api.new_client() for _ in range(5)]
    feed = [item(clients[n % 5], n, number=f"N{n}") for n in range(1, 301)]
    batches = [feed, feed[::-1], feed[150:] + feed[:150], feed[::2] + feed[1::2]]
    results = await asyncio.gather(*(outcomes(plain_api, batch) for batch in batches))
    made = [outcome for result in results for outcome in result]
    assert (made.count("created"), made.count("unchanged")) == (300, 900)
    assert sorted(announced(owner, plain_api)) == [("invoices.created", n) for n in range(1, 301)]
    assert sum([len(await told(plain_api, clientId=client_id)) for client_id in clients]) == 300
