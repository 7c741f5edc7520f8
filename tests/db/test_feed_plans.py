"""A feed looks up what it needs, from the first document on.

PostgreSQL has no statistics of a new table, and takes plans that it made for an empty one along into a full one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from support.documents import said
from support.observed import Observed, observed_api

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.storage.files import Files

PIECE = 100
PIECES = 12
# Of so few documents, all may be read.
_FEW_PIECES = 3


@pytest.fixture(scope="module", autouse=True)
def without_statistics(crowded_owner: psycopg.Connection) -> None:
    """As in the first minute of a new installation."""
    for table in ("documents", "document_payments", "events", "changes", "timelines", "contacts"):
        crowded_owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


@pytest.fixture(params=["force_generic_plan", "force_custom_plan"])
async def observed(
    request: pytest.FixtureRequest,
    *,
    crowded_url: str,
    crowded_owner: psycopg.Connection,
    hasher: Hasher,
    files: Files,
) -> AsyncIterator[Observed]:
    async with owner_transaction(crowded_url) as statements:
        company = await create_company(statements, "Acme")
        token = await issue_token(statements, hasher, company.id, "tests", "write")
    async with observed_api(crowded_url, crowded_owner, hasher, files, request.param) as make:
        yield make(company.id, token.id, token.token)


def batch(clients: list[int], piece: int, **fields: Any) -> dict[str, Any]:
    numbers = range(1 + piece * PIECE, 1 + (piece + 1) * PIECE)
    documents = [
        {"documentType": "invoice", "documentId": n, **said(clients[n % len(clients)], **fields)} for n in numbers
    ]
    return {"documents": documents}


async def test_a_first_feed_reads_no_more_with_every_piece(observed: Observed):
    clients = [await observed.api.new_client() for _ in range(20)]
    for piece in range(PIECES):
        for fields in ({}, {}, {"number": "FV2"}):
            body = batch(clients, piece, **fields)
            reading = await observed.reading_of(lambda body=body: observed.api.post("/documents/batch", body))
            if piece < _FEW_PIECES:
                continue
            assert not reading.whole & {"documents", "document_payments", "events", "changes"}, (piece, reading)
            assert reading.fetched["documents"] <= 6 * PIECE, (piece, reading)
            for index in ("documents_by_feed_id", "documents_pkey", "document_payments_pkey", "events_pkey"):
                assert reading.entries[index] <= 6 * PIECE, (piece, reading)
            others = sum(n for index, n in reading.entries.items() if index.startswith("documents_by_"))
            assert others - reading.entries["documents_by_feed_id"] == 0, (piece, reading)


async def test_one_document_is_paid_shown_and_deleted_by_a_handful_of_rows(observed: Observed):
    clients = [await observed.api.new_client() for _ in range(2)]
    for piece in range(PIECES):
        await observed.api.post("/documents/batch", batch(clients, piece))
    of_it = {"documentType": "invoice", "documentId": 7, "amount": 1}
    payment_id = 0
    for _ in range(20):
        payment_id = (await observed.api.post("/document-payments", of_it)).json()["id"]
    for request in (
        lambda: observed.api.get("/documents/invoice/7"),
        lambda: observed.api.put("/documents/invoice/7", said(clients[0], number="FV3")),
        lambda: observed.api.post("/document-payments", of_it),
        lambda: observed.api.get(f"/document-payments/{payment_id}"),
        lambda: observed.api.delete(f"/document-payments/{payment_id}"),
        lambda: observed.api.delete("/documents/invoice/8"),
    ):
        reading = await observed.reading_of(request)
        assert not reading.whole & {"documents", "document_payments", "events", "changes"}, reading
        assert reading.fetched["documents"] <= 10, reading
        assert reading.fetched["document_payments"] <= 30, reading
        assert sum(n for index, n in reading.entries.items() if index.startswith("documents")) <= 20, reading


async def test_a_page_of_documents_on_a_timeline_looks_each_up_once(observed: Observed):
    clients = [await observed.api.new_client()]
    for piece in range(3):
        await observed.api.post("/documents/batch", batch(clients, piece))
    reading = await observed.reading_of(lambda: observed.api.timeline(clientId=clients[0], perPage=50))
    assert "documents" not in reading.whole, reading
    assert reading.fetched["documents"] <= 50, reading
    assert reading.entries["documents_pkey"] <= 50, reading
