"""The counters of documents, which lists tell their totals by, agree with what there is, whatever becomes of it."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.document_lists import feed, pay

from kronika.documents.models import DOCUMENT_TYPES

Counts = dict[tuple[str, bool], int]


def counted(owner: psycopg.Connection, api: Api) -> Counts:
    rows = owner.execute(
        "SELECT type, is_open, sum(n)::integer AS n FROM document_counts WHERE company_id = %s GROUP BY 1, 2",
        [api.company_id],
    )
    return {(row["type"], row["is_open"]): row["n"] for row in rows if row["n"]}


def there(owner: psycopg.Connection, api: Api) -> Counts:
    rows = owner.execute(
        "SELECT type, is_open, count(*) AS n FROM documents WHERE company_id = %s AND deleted_at IS NULL GROUP BY 1, 2",
        [api.company_id],
    )
    return {(row["type"], row["is_open"]): row["n"] for row in rows}


def a_document(chance: random.Random, contacts: list[dict[str, int]]) -> dict[str, Any]:
    return {
        "documentType": chance.choice(DOCUMENT_TYPES),
        "documentId": chance.randrange(1, 6),
        "totalWithVat": chance.choice((-100, -10, 0, 10, 100)),
        **chance.choice(contacts),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_put_changed_and_deleted_is_counted_as_it_is(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, seed: int
):
    chance = random.Random(seed)
    await feed(stranger, {"documentId": 1, "clientId": await stranger.new_client()})
    contacts = [{"clientId": await plain_api.new_client()}, {"supplierId": await plain_api.new_supplier()}]
    case_id = await plain_api.new_case(**contacts[0])
    contacts.append(contacts[0] | {"businessCaseId": case_id})
    seen: set[frozenset[tuple[str, bool]]] = set()
    for _ in range(25):
        await feed(plain_api, *(a_document(chance, contacts) for _ in range(chance.randrange(1, 8))))
        gone = a_document(chance, contacts)
        await plain_api.delete(f"/documents/{gone['documentType']}/{gone['documentId']}")
        found = owner.execute(
            "SELECT type, document_id FROM documents WHERE company_id = %s AND deleted_at IS NULL AND payments = 0"
            " AND total <> 0 ORDER BY id LIMIT 1",
            [plain_api.company_id],
        ).fetchone()
        pay(owner, plain_api, found["type"], found["document_id"], str(chance.choice((-10, 5, 10, 100))))
        assert counted(owner, plain_api) == there(owner, plain_api)
        seen.add(frozenset(there(owner, plain_api)))
    assert len(seen) > 5
    await plain_api.delete(f"/business-cases/{case_id}")
    assert counted(owner, plain_api) == there(owner, plain_api)
    for contact in contacts[:2]:
        (field, number), *_ = contact.items()
        assert (await plain_api.delete(f"/{field.removesuffix('Id')}s/{number}")).status_code == 204
        assert counted(owner, plain_api) == there(owner, plain_api)
    assert there(owner, plain_api) == {}
    assert counted(owner, stranger) == {("invoice", True): 1}


async def test_a_total_that_comes_to_nothing_or_turns_is_counted_anew(plain_api: Api, owner: psycopg.Connection):
    document: dict[str, Any] = {"documentId": 1, "clientId": await plain_api.new_client()}
    for total, is_open in ((100, True), (0, False), (-100, True), (0, False), (100, True)):
        await feed(plain_api, document | {"totalWithVat": total})
        assert counted(owner, plain_api) == {("invoice", is_open): 1}, total
        for unpaid in (True, False):
            body = (await plain_api.get("/documents", params={"unpaid": str(unpaid).lower()})).json()
            assert body["paginator"]["totalResults"] == len(body["data"]) == (unpaid is is_open)


async def test_those_who_write_the_same_documents_at_once_count_each_once(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    batches = [
        [{"documentId": n, "clientId": client_id, "totalWithVat": (writer + n) % 3} for n in range(1, 9)]
        for writer in range(6)
    ]
    await asyncio.gather(
        *(feed(plain_api, *batch) for batch in batches),
        *(plain_api.delete(f"/documents/invoice/{n}") for n in range(1, 5)),
    )
    assert counted(owner, plain_api) == there(owner, plain_api)
