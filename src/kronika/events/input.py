"""The rules of a CRM event: its target, its type, and the metadata that the type allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from typing import Any, cast

from kronika.errors import Complaints, Invalid
from kronika.events.models import (
    RECORDABLE_TYPES,
    TARGET_FIELDS,
    Email,
    EventType,
    Metadata,
    NewEvent,
    Note,
    PhoneCall,
    Target,
)
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

_METADATA_OF: dict[EventType, Callable[[dict[str, Any]], Metadata]] = {
    "note": lambda values: Note(values["content"]),
    "email": lambda values: Email(values["content"], values["email"]),
    "phone_call": lambda values: PhoneCall(values["content"], values["personName"], values["phoneNumber"]),
}

METADATA = required(members())
TARGETS: dict[str, Field[Any]] = {name: identifier() for name in TARGET_FIELDS}
TYPE = required(choice(*RECORDABLE_TYPES))
UPLOAD_TOKENS = items(text(characters=1024), most=MOST_ATTACHMENTS)
ATTACHMENT_IDS = items(identifier(), most=MOST_ATTACHMENTS)


def read_new_event(payload: Mapping[str, Json], complaints: Complaints) -> NewEvent | None:
    """The event a create describes, or None and why."""
    targets = read_members(TARGETS, payload, complaints)
    judge_one_target(targets, TARGET_FIELDS, complaints)
    event_type = cast(EventType | None, TYPE.read(payload.get("type"), "type", complaints))
    metadata = read_metadata(event_type, payload.get("metadata"), complaints)
    judge_attachments(event_type, payload, complaints)
    if complaints or metadata is None:
        return None
    return NewEvent(chosen_target(targets), metadata)


def chosen_target(values: Mapping[str, Any]) -> Target:
    """The target that fault-free values name."""
    field = next(name for name in TARGET_FIELDS if values[name] is not None)
    return Target(TARGET_FIELDS[field], values[field])


def read_metadata(event_type: EventType | None, value: Json, complaints: Complaints) -> Metadata | None:
    """Metadata of an event of this type (None: the type is wrong already, only the shape is judged)."""
    sent = METADATA.read(value, "metadata", complaints)
    if sent is None or event_type is None:
        return None
    fields = METADATA_FIELDS[event_type]
    values = read_members(fields, sent, complaints, "metadata")
    for name in NAMED_METADATA.difference(fields):
        if sent.get(name) is not None:
            complaints.add(f"metadata.{name}", "not_for_type")
    if event_type == "document_linked" and "metadata.documentId" not in complaints:
        # Kronika holds no documents yet, so none can be found.
        complaints.add("metadata.documentId", "unknown")
    return None if complaints else _METADATA_OF[event_type](values)


def judge_attachments(event_type: EventType | None, payload: Mapping[str, Json], complaints: Complaints) -> None:
    """Kronika takes no uploads yet, so every upload token is an unknown one."""
    tokens = UPLOAD_TOKENS.read(payload.get("attachmentUploadTokens"), "attachmentUploadTokens", complaints)
    if event_type == "document_linked" and tokens:
        complaints.add("attachmentUploadTokens", "no_attachments")
        return
    _judge_unknown("attachmentUploadTokens", tokens, complaints)


def read_changed_metadata(event_type: EventType, payload: Mapping[str, Json], complaints: Complaints) -> Metadata:
    """The metadata a PATCH gives an event of this type; they replace what it had.

    Raises Invalid.
    """
    for name in ("type", *TARGET_FIELDS):
        if payload.get(name) is not None:
            complaints.add(name, "unchangeable")
    metadata = read_metadata(event_type, payload.get("metadata"), complaints)
    judge_attachments(event_type, payload, complaints)
    removed = ATTACHMENT_IDS.read(payload.get("deletedAttachmentIds"), "deletedAttachmentIds", complaints)
    _judge_unknown("deletedAttachmentIds", removed, complaints)
    if complaints or metadata is None:
        raise Invalid(complaints)
    return metadata


def _judge_unknown(field: str, values: Sized | None, complaints: Complaints) -> None:
    """Complains of every item that nothing else is wrong with."""
    for number in range(len(values or ())):
        if (path := f"{field}.{number}") not in complaints:
            complaints.add(path, "unknown")
