"""What happens to documents, told on timelines: events that Kronika writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from kronika.changes.models import Actor
from kronika.db.statements import Transaction
from kronika.documents.models import Document

DocumentEventType: TypeAlias = Literal[
    "document_created", "document_updated", "document_deleted", "document_payment_added"
]

_RECORD: Final = """
SELECT record_document_events(
    %(company_id)s, %(actor)s::text::actor_kind, %(actor_id)s::bigint, %(timelines)s::bigint[],
    %(types)s::text[]::event_type[], %(documents)s::bigint[], %(numbers)s::text[], %(amounts)s::numeric[],
    %(currencies)s::smallint[])
"""


class DocumentEvent(Struct, frozen=True):
    """An event about a document, with its numbers of now. `document` is the document's own id."""

    timeline_id: int
    type: DocumentEventType
    document: int
    number: str | None = None
    amount: Decimal | None = None
    currency_id: int | None = None


def written_event(event_type: DocumentEventType, document: Document) -> DocumentEvent:
    """That a document has been created or updated."""
    return DocumentEvent(
        document.timeline_id,
        event_type,
        document.id,
        number=document.number,
        amount=document.total,
        currency_id=document.currency_id if document.total is not None else None,
    )


async def record_document_events(transaction: Transaction, events: Sequence[DocumentEvent], actor: Actor) -> None:
    """Records events with their change records. Comes last: whoever records an event waits for the rows of their
    timelines.
    """
    if events:
        await transaction.run(
            _RECORD,
            actor=actor.kind,
            actor_id=actor.id,
            timelines=[event.timeline_id for event in events],
            types=[event.type for event in events],
            documents=[event.document for event in events],
            numbers=[event.number for event in events],
            amounts=[event.amount for event in events],
            currencies=[event.currency_id for event in events],
        )
