"""CRM events: one struct per type of event, the target they belong to, and how the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.attachments.links import Links
from kronika.attachments.models import AttachmentRow, AttachmentView
from kronika.encoding import json_bytes
from kronika.instants import local_iso8601_of_epoch

EventType: TypeAlias = Literal[
    "note", "email", "phone_call", "document_linked",
    "document_created", "document_updated", "document_deleted", "document_payment_added",
]  # fmt: skip
TargetKind: TypeAlias = Literal["business_case", "client", "supplier"]

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


Metadata: TypeAlias = Note | Email | PhoneCall
"""What an event says; the struct is its type."""


class Target(Struct, frozen=True):
    """What an event belongs to: exactly one client, supplier or business case."""

    kind: TargetKind
    id: int


TARGET_FIELDS: dict[str, TargetKind] = {
    "businessCaseId": "business_case",
    "clientId": "client",
    "supplierId": "supplier",
}


class NewEvent(Struct, frozen=True):
    target: Target
    metadata: Metadata
    upload_tokens: tuple[str, ...] = ()


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


def metadata_of(row: EventRow) -> Metadata:
    """The struct of the row's type; a database check holds the columns to it."""
    match row.type:
        case "note":
            return Note(row.content or "")
        case "email":
            return Email(row.content or "", row.email or "")
        case "phone_call":
            return PhoneCall(row.content or "", row.person_name or "", row.phone_number)
        case _:
            raise TypeError(row.type)


class Shown(Struct, frozen=True):
    """For whom events are shown: their time, and the addresses of their attachments."""

    company_id: int
    zone: ZoneInfo
    links: Links


def event_view(row: EventRow, target: Target, to: Shown) -> EventView:
    return _view(
        row.id,
        NewEvent(target, metadata_of(row)),
        [to.links.view(to.company_id, each) for each in row.attachments or ()],
        local_iso8601_of_epoch(row.created, to.zone),
        local_iso8601_of_epoch(row.updated, to.zone),
    )


def rendered_around_database_parts(new: NewEvent, attachments: Sequence[AttachmentView] = ()) -> str:
    """The JSON of the event between its id and its times, which are not known before it is recorded.

    `{"id":` + id + this + `"createdAt":"…","updatedAt":"…"}` is the JSON of its EventView.
    """
    whole = json_bytes(_view(0, new, attachments, "", ""))
    return whole[len(b'{"id":0') : -len(b'"createdAt":"","updatedAt":""}')].decode()


def _view(
    event_id: int, event: NewEvent, attachments: Sequence[AttachmentView], created_at: str, updated_at: str
) -> EventView:
    target = event.target
    return EventView(
        event_id,
        event.metadata.type,
        event.metadata,
        list(attachments),
        target.id if target.kind == "business_case" else None,
        target.id if target.kind == "client" else None,
        target.id if target.kind == "supplier" else None,
        created_at,
        updated_at,
    )
