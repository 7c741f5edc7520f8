"""What the page of a document is told live: that something happened to it."""

from __future__ import annotations

from starlette.requests import Request

from kronika.changes.journal import Piece
from kronika.errors import NotFound
from kronika.events.across import documents_touched
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.web.live import Tell
from kronika.web.visitors import Member


def document_news(request: Request, who: Member) -> Tell:
    """That there is something new about the document asked for, by its own id.

    Raises NotFound: none is.
    """
    document = parse_integer(request.query_params.get("document", ""))
    if document is None:
        raise NotFound
    database = services(request).database

    async def find(piece: Piece) -> set[int]:
        events = [change.resource_id for change in piece.changes if change.type.startswith("contact-activity-logs.")]
        payments = [change.resource_id for change in piece.changes if change.type.startswith("document-payments.")]
        if not events and not payments:
            return set()
        async with database.transaction(who.company_id) as transaction:
            return await documents_touched(transaction, events, payments)

    async def tell(piece: Piece) -> bool | None:
        return document in await piece.once("documents touched", find) or None

    return tell
