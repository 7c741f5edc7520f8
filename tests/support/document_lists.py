"""Documents for lists: fed through the API, paid behind it, and a plain model of what a list shows of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from kronika.documents.models import DOCUMENT_TYPES, PAYABLE_TYPES, WAREHOUSE_TYPES
from kronika.folding import folded
from support.api import Api

_MEMBERS = {
    "issueDate": "issueDate",
    "dueDate": "dueDate",
    "totalWithVat": "totalWithVat",
    "updatedAt": "updatedAt",
}
_NUMBERS = ("FA-2026/1", "fa-2026/2", "FÁ-2026/3", "FA 7", "2026", "20260001", "Žľab 1", "zlab", "ZĽAB", "100%", "10_0")


async def feed(api: Api, *documents: dict[str, Any]) -> None:
    """Puts documents in one batch, all of which are sound."""
    response = await api.post("/documents/batch", {"documents": [complete(document) for document in documents]})
    assert response.status_code == 200, response.text
    assert not [result for result in response.json()["data"] if result["errors"]], response.text


async def listed(api: Api, **query: Any) -> list[dict[str, Any]]:
    """The documents of a list that has one page, and says so."""
    response = await api.get("/documents", params={"perPage": 200, **query})
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["paginator"]["totalResults"] == len(body["data"]), query
    return body["data"]


async def ids(api: Api, **query: Any) -> list[int]:
    """Their ids, which different kinds may share."""
    return [document["documentId"] for document in await listed(api, **query)]


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """A document with what it does not say itself."""
    return {
        "documentType": "invoice",
        "number": f"No. {document['documentId']}",
        "issueDate": "2026-03-10",
        "totalWithVat": 100,
        "currencyId": 1,
        **document,
    }


def pay(owner: psycopg.Connection, api: Api, document_type: str, document_id: int, paid: str) -> None:
    """Makes so much of a document paid, counted as the product counts it."""
    with owner.transaction():
        key = [api.company_id, document_type, document_id]
        where = " WHERE company_id = %s AND type = %s AND document_id = %s AND deleted_at IS NULL"
        before = owner.execute("SELECT is_open FROM documents" + where, key).fetchone()["is_open"]
        after = owner.execute(
            "UPDATE documents SET paid = %s" + where + " RETURNING is_open", [Decimal(paid), *key]
        ).fetchone()["is_open"]
        owner.execute(
            "SELECT count_documents(%s, %s::text[], %s::boolean[], ARRAY[-1, 1])",
            [api.company_id, [document_type] * 2, [before, after]],
        )


def some_documents(
    chance: random.Random, targets: list[dict[str, int]], today: date, many: int
) -> list[dict[str, Any]]:
    """Documents of few different values, so that filters meet and orders have equals."""
    found: list[dict[str, Any]] = []
    for number in range(1, many + 1):
        document_type = chance.choice(DOCUMENT_TYPES)
        priceless = document_type in WAREHOUSE_TYPES and chance.random() < 0.5
        due = chance.choice((None, -30, -1, 30, 31))
        found.append(
            {
                "documentType": document_type,
                "documentId": number,
                "number": chance.choice(_NUMBERS),
                "issueDate": str(today - timedelta(days=chance.randrange(4))),
                "dueDate": None if due is None else str(today + timedelta(days=due)),
                "totalWithVat": None if priceless else chance.choice((-100, 0, 19.9, 100, 100.01)),
                "currencyId": None if priceless else 1,
                **chance.choice(targets),
            }
        )
    return found


def some_query(chance: random.Random, targets: list[dict[str, int]], today: date) -> dict[str, Any]:
    """Up to three filters and an order."""
    target = chance.choice(targets)
    filters: dict[str, Any] = {
        "documentType": chance.choice(DOCUMENT_TYPES),
        "contact": {name: value for name, value in target.items() if name != "businessCaseId"},
        "businessCaseId": next(each["businessCaseId"] for each in targets if "businessCaseId" in each),
        "number": chance.choice(("fa", "FA-2026", "zľ", "2026", "fa-2026/2", "10", "100%", "10_", "9")),
        "issueDateFrom": str(today - timedelta(days=chance.randrange(4))),
        "issueDateTo": str(today - timedelta(days=chance.randrange(4))),
        "dueDateFrom": str(today + timedelta(days=chance.choice((-30, -1, 30)))),
        "dueDateTo": str(today + timedelta(days=chance.choice((-30, -1, 30)))),
        "unpaid": chance.choice(("true", "false", "1", "0")),
        "paymentStatus": chance.choice(("paid", "unpaid", "partially_paid", "overdue")),
    }
    query: dict[str, Any] = {}
    for name in chance.sample(sorted(filters), chance.randrange(4)):
        query |= filters[name] if name == "contact" else {name: filters[name]}
    order = chance.choice(("issueDate", "dueDate", "number", "totalWithVat", "updatedAt", "createdAt", None))
    way = chance.choice(("asc", "desc", None))
    query |= {} if order is None else {"sortBy": order}
    return query | ({} if way is None else {"sortDirection": way})


def expected(documents: list[dict[str, Any]], query: dict[str, Any]) -> list[dict[str, Any]]:
    """What a list shows of these documents, which are as the API shows them and in the order they were created in."""
    way = query.get("sortDirection", "desc")
    order = query.get("sortBy", "issueDate")
    places = [
        (_place(document, order), place, document)
        for place, document in enumerate(documents)
        if _is_met(document, query)
    ]
    ordered = sorted(places, key=lambda each: each[:2], reverse=way == "desc")
    return [document for _, _, document in ordered]


def _place(document: dict[str, Any], order: str) -> tuple[bool, Any]:
    """What has no value stands behind all that has one."""
    if order == "createdAt":
        return False, 0
    if order == "number":
        return False, (folded(document["number"]), document["number"])
    value = document[_MEMBERS[order]]
    return value is None, "" if value is None else value


def _is_met(document: dict[str, Any], query: dict[str, Any]) -> bool:
    return all(_holds(document, name, value) for name, value in query.items() if not name.startswith("sort"))


def _holds(document: dict[str, Any], name: str, value: Any) -> bool:
    if name == "number":
        return folded(document["number"]).startswith(folded(value))
    if name == "unpaid":
        payable = document["documentType"] in PAYABLE_TYPES
        remains = payable and document["paymentStatus"] != "paid"
        return remains == (value in ("true", "1"))
    if name.endswith(("From", "To")):
        day = document[name.removesuffix("From").removesuffix("To")]
        return day is not None and (day >= value if name.endswith("From") else day <= value)
    return document[name] == value
