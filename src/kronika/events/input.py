"""The rules of a CRM event: its target, its type, and the metadata that the type allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from msgspec import Struct

from kronika.attachments.actions import TOKENS_FIELD
from kronika.errors import Complaints
from kronika.events.models import RECORDABLE_TYPES, Asked, AskedEvent, DocumentLink, Email, EventType, Note, PhoneCall
from kronika.input.fields import (
    LONGEST_LINE,
    Field,
    choice,
    email,
    identifier,
    items,
    members,
    read_members,
    required,
    text,
)
from kronika.input.normalise import Json
from kronika.input.targets import judge_one_target
from kronika.timelines.models import TARGET_FIELDS, chosen_target

LINKABLE_DOCUMENTS = ("invoice", "proforma", "order", "quotation", "credit-note")
MOST_ATTACHMENTS = 20

_CONTENT = required(text())
METADATA_FIELDS: dict[EventType, dict[str, Field[Any]]] = {
    "note": {"content": _CONTENT},
    "email": {"content": _CONTENT, "email": required(email())},
    "phone_call": {
        "content": _CONTENT,
        "personName": required(text(characters=LONGEST_LINE)),
        "phoneNumber": text(characters=LONGEST_LINE),
    },
    "document_linked": {
        "documentType": required(choice(*LINKABLE_DOCUMENTS)),
        "documentId": required(identifier()),
    },
}
_COMPUTED = (
    "documentNumberSnapshot",
    "documentPriceSnapshot",
    "documentCurrencySnapshot",
    "paidAmount",
    "relatedDocument",
)
# Everything the contract names in metadata: what a type does not allow is refused, what nobody knows is ignored.
NAMED_METADATA = frozenset(_COMPUTED).union(*METADATA_FIELDS.values())

_METADATA_OF: dict[EventType, Callable[[dict[str, Any]], Asked]] = {
    "note": lambda values: Note(values["content"]),
    "email": lambda values: Email(values["content"], values["email"]),
    "phone_call": lambda values: PhoneCall(values["content"], values["personName"], values["phoneNumber"]),
    "document_linked": lambda values: DocumentLink(values["documentType"], values["documentId"]),
}

METADATA = required(members())
TARGETS: dict[str, Field[Any]] = {name: identifier() for name in TARGET_FIELDS}
TYPE = required(choice(*RECORDABLE_TYPES))


def upload_tokens(most: int) -> Field[list[str | None]]:
    return items(text(characters=1024), most=most)


UPLOAD_TOKENS = upload_tokens(MOST_ATTACHMENTS)
# More than any event has. A token of an upload or an id of an attachment is looked up in the transaction.
ATTACHMENT_IDS: Field[list[int | None]] = items(identifier(), most=1000)
REMOVED_FIELD = "deletedAttachmentIds"
DOCUMENT_FIELD = "metadata.documentId"


def read_new_event(payload: Mapping[str, Json], complaints: Complaints, *, most_attachments: int) -> AskedEvent | None:
    """The event a create describes, or None and why."""
    targets = read_members(TARGETS, payload, complaints)
    judge_one_target(targets, TARGET_FIELDS, complaints)
    event_type = cast(EventType | None, TYPE.read(payload.get("type"), "type", complaints))
    metadata = read_metadata(event_type, payload.get("metadata"), complaints)
    tokens = read_upload_tokens(event_type, payload, complaints, most=most_attachments)
    if complaints or metadata is None:
        return None
    return AskedEvent(chosen_target(targets), metadata, tuple(token for token in tokens if token is not None))


def read_metadata(event_type: EventType | None, value: Json, complaints: Complaints) -> Asked | None:
    """Metadata of an event of this type (None: the type is wrong already, only the shape is judged)."""
    sent = METADATA.read(value, "metadata", complaints)
    if sent is None or event_type is None:
        return None
    fields = METADATA_FIELDS[event_type]
    values = read_members(fields, sent, complaints, "metadata")
    for name in NAMED_METADATA.difference(fields):
        if sent.get(name) is not None:
            complaints.add(f"metadata.{name}", "not_for_type")
    return None if complaints else _METADATA_OF[event_type](values)


def read_link(event_type: Json, payload: Mapping[str, Json]) -> DocumentLink | None:
    """The link that a payload for an event of this type asks for, whatever else is wrong with it."""
    sent = payload.get("metadata")
    if event_type != "document_linked" or not isinstance(sent, dict):
        return None
    complaints = Complaints()
    values = read_members(METADATA_FIELDS["document_linked"], sent, complaints)
    return None if complaints else DocumentLink(values["documentType"], values["documentId"])


def read_upload_tokens(
    event_type: EventType | None, payload: Mapping[str, Json], complaints: Complaints, *, most: int
) -> list[str | None]:
    """The upload tokens; None in the place of one that could not be read and has been complained about."""
    field = UPLOAD_TOKENS if most == MOST_ATTACHMENTS else upload_tokens(most)
    tokens = field.read(payload.get(TOKENS_FIELD), TOKENS_FIELD, complaints)
    if event_type == "document_linked" and tokens:
        complaints.add(TOKENS_FIELD, "no_attachments")
        return []
    return tokens or []


class EventChange(Struct, frozen=True):
    """What a PATCH asks for, as far as it can be judged without the database; `metadata` None: complained about."""

    metadata: Asked | None
    upload_tokens: list[str | None]
    removed_ids: list[int | None]


def read_change(
    event_type: EventType, payload: Mapping[str, Json], complaints: Complaints, *, most_attachments: int
) -> EventChange:
    """What a PATCH gives an event of this type. Its metadata replace those it had."""
    for name in ("type", *TARGET_FIELDS):
        if payload.get(name) is not None:
            complaints.add(name, "unchangeable")
    metadata = read_metadata(event_type, payload.get("metadata"), complaints)
    tokens = read_upload_tokens(event_type, payload, complaints, most=most_attachments)
    removed = ATTACHMENT_IDS.read(payload.get(REMOVED_FIELD), REMOVED_FIELD, complaints)
    return EventChange(metadata, tokens, removed or [])
