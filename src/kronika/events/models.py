"""CRM events: one struct per type of event, and how the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.attachments.links import Links
from kronika.attachments.models import AttachmentRow, AttachmentView
from kronika.documents.models import DocumentType, LivingDocument, RelatedDocument, related_document, shown_currency
from kronika.encoding import json_bytes
from kronika.instants import local_iso8601_of_epoch
from kronika.lookups.currencies import Currency
from kronika.timelines.models import Target, TargetKind

EventType: TypeAlias = Literal[
    "note", "email", "phone_call", "document_linked",
    "document_created", "document_updated", "document_deleted", "document_payment_added",
]  # fmt: skip

RECORDABLE_TYPES: tuple[EventType, ...] = ("note", "email", "phone_call", "document_linked")
"""Types that clients create; the others are written by Kronika itself."""


class Note(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "note"
    content: str


class Email(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "email"
    content: str
    email: str


class PhoneCall(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "phone_call"
    content: str
    person_name: str
    phone_number: str | None


class DocumentLinked(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "document_linked"
    related_document: RelatedDocument | None


class DocumentCreated(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "document_created"
    document_number_snapshot: str
    document_price_snapshot: Decimal | None
    document_currency_snapshot: Currency | None
    related_document: RelatedDocument | None


class DocumentUpdated(DocumentCreated, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "document_updated"


class DocumentDeleted(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "document_deleted"
    document_number_snapshot: str
    related_document: None


class DocumentPaymentAdded(Struct, frozen=True, rename="camel"):
    type: ClassVar[EventType] = "document_payment_added"
    paid_amount: Decimal
    document_currency_snapshot: Currency
    related_document: RelatedDocument | None


Metadata: TypeAlias = (
    Note
    | Email
    | PhoneCall
    | DocumentLinked
    | DocumentCreated
    | DocumentUpdated
    | DocumentDeleted
    | DocumentPaymentAdded
)
"""What an event says; the struct is its type."""


class DocumentLink(Struct, frozen=True):
    """A request to link a document, which may not be there."""

    type: ClassVar[EventType] = "document_linked"
    document_type: DocumentType
    document_id: int


Asked: TypeAlias = Note | Email | PhoneCall | DocumentLink
"""What a client can ask an event to say."""


class AskedEvent(Struct, frozen=True):
    """An event as it was asked for; whether its target, its uploads and its document are any is not known yet."""

    target: Target
    metadata: Asked
    upload_tokens: tuple[str, ...] = ()


class NewEvent(Struct, frozen=True):
    """An event to record; `document` is the linked one's own id."""

    target: Target
    metadata: Note | Email | PhoneCall | DocumentLinked
    document: int | None = None


class EventDocument(Struct, frozen=True):
    """What an event says of its document, by its own id, and the document as it is now (None: it is gone)."""

    id: int
    number: str | None
    amount: Decimal | None
    currency_id: int | None
    living: LivingDocument | None


class EventRow(Struct, frozen=True, kw_only=True):
    """An event as the database gives it; times in seconds since the epoch."""

    id: int
    type: EventType
    content: str | None
    email: str | None
    person_name: str | None
    phone_number: str | None
    created: int
    updated: int
    attachments: list[AttachmentRow] | None = None
    document: EventDocument | None = None


class StoredEvent(EventRow, frozen=True, kw_only=True):
    """An event with where it belongs."""

    timeline_id: int
    kind: TargetKind


class EventView(Struct, frozen=True, rename="camel"):
    """A CRM event as the API shows it. The id stands first and the times last: see `rendered_around_database_parts`."""

    id: int
    type: EventType
    metadata: Metadata
    attachments: list[AttachmentView]
    business_case_id: int | None
    client_id: int | None
    supplier_id: int | None
    created_at: str
    updated_at: str


def metadata_of(row: EventRow, language: str) -> Metadata:
    """What a row says, by its type; a database check holds the columns to it."""
    match row.type:
        case "note":
            return Note(row.content or "")
        case "email":
            return Email(row.content or "", row.email or "")
        case "phone_call":
            return PhoneCall(row.content or "", row.person_name or "", row.phone_number)
        case _:
            assert row.document is not None
            return _document_metadata(row.type, row.document, language)


def _document_metadata(event_type: EventType, said: EventDocument, language: str) -> Metadata:
    related = related_document(said.living, language) if said.living else None
    currency = shown_currency(said.currency_id, language)
    match event_type:
        case "document_created":
            return DocumentCreated(said.number or "", said.amount, currency, related)
        case "document_updated":
            return DocumentUpdated(said.number or "", said.amount, currency, related)
        case "document_deleted":
            return DocumentDeleted(said.number or "", None)
        case "document_payment_added":
            assert said.amount is not None
            assert currency is not None
            return DocumentPaymentAdded(said.amount, currency, related)
        case _:
            return DocumentLinked(related)


class Shown(Struct, frozen=True):
    """For whom events are shown: their time and language, and the addresses of their attachments."""

    company_id: int
    zone: ZoneInfo
    links: Links
    language: str


def event_view(row: EventRow, target: Target, to: Shown) -> EventView:
    return _view(
        row.id,
        target,
        metadata_of(row, to.language),
        [to.links.view(to.company_id, each) for each in row.attachments or ()],
        created_at=local_iso8601_of_epoch(row.created, to.zone),
        updated_at=local_iso8601_of_epoch(row.updated, to.zone),
    )


def rendered_around_database_parts(new: NewEvent, attachments: Sequence[AttachmentView] = ()) -> str:
    """The JSON of the event between its id and its times, which are not known before it is recorded.

    `{"id":` + id + this + `"createdAt":"…","updatedAt":"…"}` is the JSON of its EventView.
    """
    whole = json_bytes(_view(0, new.target, new.metadata, attachments, created_at="", updated_at=""))
    return whole[len(b'{"id":0') : -len(b'"createdAt":"","updatedAt":""}')].decode()


def _view(
    event_id: int,
    target: Target,
    metadata: Metadata,
    attachments: Sequence[AttachmentView],
    *,
    created_at: str,
    updated_at: str,
) -> EventView:
    return EventView(
        event_id,
        metadata.type,
        metadata,
        list(attachments),
        target.id if target.kind == "business_case" else None,
        target.id if target.kind == "client" else None,
        target.id if target.kind == "supplier" else None,
        created_at,
        updated_at,
    )
