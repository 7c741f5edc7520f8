"""The list of documents: by page, sorted, and any wish against a plain model."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api, errors_of
from support.document_lists import expected, feed, ids, listed, pay, some_documents, some_query


async def test_a_company_without_documents_has_an_empty_page(plain_api: Api, stranger: Api):
    await feed(stranger, {"documentId": 1, "clientId": await stranger.new_client()})
    body = (await plain_api.get("/documents")).json()
    assert body["data"] == []
    assert body["paginator"]["currentPage"] == body["paginator"]["totalPages"] == 1
    assert body["paginator"]["totalResults"] == 0
    assert body["paginator"]["currentFrom"] is None
    assert await ids(stranger) == [1]


async def test_what_was_issued_last_comes_first_each_as_it_is_shown(plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(), await plain_api.new_supplier()
    case_id = await plain_api.new_case(clientId=client_id)
    await feed(
        plain_api,
        {"documentId": 5, "clientId": client_id, "issueDate": "2026-03-10"},
        {"documentId": 3, "supplierId": supplier_id, "issueDate": "2026-03-12", "documentType": "received-invoice"},
        {"documentId": 9, "clientId": client_id, "issueDate": "2026-03-11", "businessCaseId": case_id, "currencyId": 2},
        {"documentId": 4, "clientId": client_id, "issueDate": "2026-03-10", "documentType": "order"},
    )
    body = (await plain_api.get("/documents", headers={"Accept-Language": "sk"})).json()
    assert [document["documentId"] for document in body["data"]][:2] == [3, 9]
    assert body["data"][0]["label"] == "Prijatá faktúra No. 3"
    for document in body["data"]:
        path = f"/documents/{document['documentType']}/{document['documentId']}"
        assert (await plain_api.get(path, headers={"Accept-Language": "sk"})).json() == document
    assert body["paginator"]["perPage"] == 10


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_wish_is_met_as_a_plain_model_meets_it(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, seed: int
):
    chance = random.Random(seed)
    today = date(2026, 3, 10) if seed == 1 else owner.execute("SELECT clock()::date AS day").fetchone()["day"]
    for api in (stranger, plain_api):
        client_id = await api.new_client()
        targets = [
            {"clientId": client_id},
            {"clientId": client_id, "businessCaseId": await api.new_case(clientId=client_id)},
            {"clientId": await api.new_client()},
            {"supplierId": await api.new_supplier()},
        ]
        documents = some_documents(chance, targets, today, 60)
        await feed(api, *documents)
        for document in chance.sample(documents, 30):
            if document["totalWithVat"]:
                part = chance.choice((0.5, 1, 1.1, -0.5))
                pay(
                    owner,
                    api,
                    document["documentType"],
                    document["documentId"],
                    f"{document['totalWithVat'] * part:.2f}",
                )
    owner.execute(
        "UPDATE documents SET updated_at = updated_at + document_id %% 7 * interval '1 h' WHERE company_id = %s",
        [plain_api.company_id],
    )
    for document in chance.sample(documents, 5):
        await plain_api.delete(f"/documents/{document['documentType']}/{document['documentId']}")
    shown = await listed(plain_api, sortBy="createdAt", sortDirection="asc")
    assert len(shown) == 55
    assert {document["paymentStatus"] for document in shown} >= {"paid", "unpaid", "partially_paid", "overdue", None}
    met = 0
    for _ in range(150):
        query = some_query(chance, targets, today)
        wanted = expected(shown, query)
        assert await listed(plain_api, **query) == wanted, query
        met += bool(wanted)
    assert met > 50


async def test_the_order_of_creation_is_that_in_which_documents_came(plain_api: Api):
    client_id = await plain_api.new_client()
    for number in (7, 3, 5):
        await feed(plain_api, {"documentId": number, "clientId": client_id})
    assert await ids(plain_api, sortBy="createdAt", sortDirection="asc") == [7, 3, 5]
    assert await ids(plain_api, sortBy="createdAt") == [5, 3, 7]
    await feed(plain_api, {"documentId": 7, "clientId": client_id, "number": "Changed"})
    assert await ids(plain_api, sortBy="createdAt") == [5, 3, 7]
    assert await ids(plain_api) == [5, 3, 7], "between equals too"


async def test_what_has_no_value_comes_last_upwards_and_first_downwards(plain_api: Api):
    client_id = await plain_api.new_client()
    free: dict[str, Any] = {"documentType": "warehouse-inbound-receipt", "totalWithVat": None, "currencyId": None}
    await feed(
        plain_api,
        {"documentId": 1, "clientId": client_id, "totalWithVat": -5, "dueDate": "2026-01-01"},
        {"documentId": 2, "clientId": client_id, **free},
        {"documentId": 3, "clientId": client_id, "totalWithVat": 10**13, "dueDate": "9999-12-31"},
    )
    for order in ("totalWithVat", "dueDate"):
        assert await ids(plain_api, sortBy=order, sortDirection="asc") == [1, 3, 2]
        assert await ids(plain_api, sortBy=order) == [2, 3, 1]


@pytest.mark.parametrize(
    "query", [{}, {"documentType": "order"}, {"unpaid": "true"}, {"unpaid": "0"}, {"issueDateFrom": "2026-03-02"}]
)
async def test_pages_are_pieces_of_the_list_and_their_links_lead_to_them(plain_api: Api, query: dict[str, str]):
    client_id = await plain_api.new_client()
    documents = [
        {"documentType": kind, "documentId": n, "clientId": client_id, "issueDate": f"2026-03-{n % 4 + 1:02}"}
        for kind in ("invoice", "order")
        for n in range(1, 12)
    ]
    await feed(plain_api, *documents)
    whole = await listed(plain_api, **query)
    assert len(whole) >= 11
    body = (await plain_api.get("/documents", params={**query, "perPage": 3, "sortDirection": "desc"})).json()
    seen: list[dict[str, Any]] = []
    while True:
        assert body["paginator"]["totalResults"] == len(whole)
        seen += body["data"]
        address = body["paginator"]["nextPageUrl"]
        if address is None:
            break
        body = (await plain_api.get("/documents", params=httpx2.URL(address).params)).json()
    assert seen == whole
    beyond = (await plain_api.get("/documents", params={**query, "page": 10**9})).json()
    assert beyond["data"] == []
    assert beyond["paginator"]["totalResults"] == len(whole)


async def test_what_belongs_to_another_company_or_is_gone_is_unknown(plain_api: Api, stranger: Api):
    gone = await plain_api.new_client()
    await plain_api.delete(f"/clients/{gone}")
    supplier_id = await plain_api.new_supplier()
    for query in (
        {"clientId": await stranger.new_client()},
        {"supplierId": await stranger.new_supplier()},
        {"businessCaseId": await stranger.new_case()},
        {"clientId": gone},
        {"clientId": supplier_id},
        {"businessCaseId": supplier_id},
    ):
        errors = errors_of(await plain_api.get("/documents", params=query))
        (field,) = query
        assert errors == errors_of(await plain_api.get("/documents", params={field: 999999999})), query
    assert await ids(plain_api, supplierId=supplier_id) == []


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"documentType": "note"}, ["documentType"]),
        ({"clientId": "x", "businessCaseId": 0}, ["businessCaseId", "clientId"]),
        ({"number": "x" * 256}, ["number"]),
        ({"number": "\0"}, ["number"]),
        ({"issueDateFrom": "2026-02-30", "issueDateTo": "10.3.2026"}, ["issueDateFrom", "issueDateTo"]),
        ({"dueDateFrom": "2026-03-10T10:00:00", "dueDateTo": "0000-01-01"}, ["dueDateFrom", "dueDateTo"]),
        ({"unpaid": "yes"}, ["unpaid"]),
        ({"unpaid": "2"}, ["unpaid"]),
        ({"paymentStatus": "open"}, ["paymentStatus"]),
        ({"sortBy": "issue_date", "sortDirection": "DESC"}, ["sortBy", "sortDirection"]),
        ({"perPage": 201, "page": 0, "clientId": 999999999}, ["clientId", "page", "perPage"]),
    ],
)
async def test_a_parameter_that_breaks_a_rule_is_told_with_all_others(
    plain_api: Api, query: dict[str, Any], fields: list[str]
):
    assert sorted(errors_of(await plain_api.get("/documents", params=query))) == fields


async def test_one_contact_at_a_time(plain_api: Api):
    query = {"clientId": await plain_api.new_client(), "supplierId": await plain_api.new_supplier()}
    errors = errors_of(await plain_api.get("/documents", params=query))
    assert errors.keys() == {"clientId", "supplierId"}
    assert errors["clientId"] == ["Only one of the fields that name whom this is about may be sent."]
