"""Documents as a feed says them, and what they leave behind."""

from __future__ import annotations

from typing import Any

import psycopg

from support.api import Api
from support.records import changes_of

TYPES = (
    "invoice", "proforma", "order", "quotation", "credit-note", "received-invoice", "received-receipt",
    "warehouse-inbound-receipt", "warehouse-outbound-receipt",
)  # fmt: skip
PAYABLE = ("invoice", "proforma", "credit-note", "received-invoice", "received-receipt")


def said(client_id: int | None = None, **fields: Any) -> dict[str, Any]:
    """The body of a document of 121 euros that is due in the far future."""
    return {
        "number": "FV1", "issueDate": "2026-03-10", "dueDate": "2999-01-01", "totalWithVat": 121, "currencyId": 1,
        **({} if client_id is None else {"clientId": client_id}), **fields,
    }  # fmt: skip


async def fed(api: Api, client_id: int, document_id: int = 1, document_type: str = "invoice", **fields: Any) -> Any:
    """A document as it is shown after it was put."""
    response = await api.put(f"/documents/{document_type}/{document_id}", said(client_id, **fields))
    assert response.status_code in (200, 201), response.text
    return response.json()


async def shown(api: Api, document_id: int = 1, document_type: str = "invoice") -> Any:
    return (await api.get(f"/documents/{document_type}/{document_id}")).json()


async def paid(api: Api, document_id: int = 1, document_type: str = "invoice", **fields: Any) -> Any:
    """A payment as it is shown after it was recorded."""
    response = await api.post(
        "/document-payments", {"documentType": document_type, "documentId": document_id, **fields}
    )
    assert response.status_code == 201, response.text
    return response.json()


async def told(api: Api, **target: int) -> list[dict[str, Any]]:
    """Type and metadata of all events of a timeline, the oldest first."""
    events: list[dict[str, Any]] = []
    page = 1
    while True:
        body = await api.timeline(**target, perPage=200, page=page)
        events += [{"type": event["type"], **event["metadata"]} for event in body["data"]]
        if len(events) >= body["paginator"]["totalResults"]:
            return events[::-1]
        page += 1


async def types_told(api: Api, **target: int) -> list[str]:
    return [event["type"] for event in await told(api, **target)]


def announced(owner: psycopg.Connection, api: Api) -> list[tuple[str, int]]:
    """Change records about documents and payments, the oldest first."""
    quiet = ("clients.", "suppliers.", "business-case", "contact-activity-logs.")
    return [
        (change["type"], change["resource_id"])
        for change in changes_of(owner, api)
        if not change["type"].startswith(quiet)
    ]
