"""What a request may say of an event, made of the tables that judge it."""

from __future__ import annotations

from typing import Final

from kronika.events.input import ATTACHMENT_IDS, METADATA, METADATA_FIELDS, NAMED_METADATA, TARGETS, TYPE, UPLOAD_TOKENS
from kronika.events.models import EventType
from kronika.input.fields import Schema, nullable
from kronika.reference.operation import described
from kronika.reference.targets import exactly_one_of
from kronika.timelines.models import TARGET_FIELDS

TARGET_TEXTS: Final = {"businessCaseId": "business case", "clientId": "client", "supplierId": "supplier"}

_TYPE_TITLES: Final[dict[EventType, str]] = {
    "note": "A note",
    "email": "An e-mail",
    "phone_call": "A phone call",
    "document_linked": "A link to a document",
}
_METADATA_TEXTS: Final = {
    "content": "What there is to say.",
    "email": "Address it went to or came from.",
    "personName": "Who was on the line.",
    "phoneNumber": "Their number, kept as it was typed.",
    "documentType": "Kind of the document.",
    "documentId": "Number that the feeding system knows it by; Kronika must have been told of it.",
}
_TOKENS: Final = {
    **nullable(UPLOAD_TOKENS),
    "description": "Tokens of uploaded files, which become attachments in this order. A token works once, within 24 "
    "hours. An event has at most 20 attachments, unless the operator chose another number.",
}


def creation_schema() -> Schema:
    """The body of a create: what all types share, then what each adds."""
    targets = {
        name: nullable(field) | {"description": f"The {TARGET_TEXTS[name]} it is about."}
        for name, field in TARGETS.items()
    }
    return {
        "type": "object",
        "properties": {
            "type": TYPE.schema | {"description": "What kind of event it is."},
            **targets,
            "metadata": METADATA.schema | {"description": "What it says; its members depend on the type."},
            "attachmentUploadTokens": _TOKENS,
        },
        "required": ["type", "metadata"],
        **exactly_one_of(TARGET_FIELDS),
        "anyOf": [_creation_of(event_type) for event_type in _TYPE_TITLES],
    }


def _creation_of(event_type: EventType) -> Schema:
    properties: Schema = {"type": {"const": event_type}, "metadata": _metadata(event_type)}
    if event_type == "document_linked":
        properties["attachmentUploadTokens"] = {
            "type": ["array", "null"],
            "maxItems": 0,
            "description": "A link takes no files.",
        }
    return {"title": _TYPE_TITLES[event_type], "properties": properties}


def correction_schema() -> Schema:
    """The body of a PATCH. Which of the shapes `metadata` must have depends on the event."""
    forbidden: dict[str, Schema] = {name: {"type": "null"} for name in ("type", *TARGET_FIELDS)}
    return {
        "type": "object",
        "properties": {
            "metadata": METADATA.schema | {"description": "What it says from now on; its members depend on its type."},
            "attachmentUploadTokens": _TOKENS,
            "deletedAttachmentIds": nullable(ATTACHMENT_IDS)
            | {"description": "Ids of attachments to remove; they must be the event's own."},
            **forbidden,
        },
        "required": ["metadata"],
        "anyOf": [
            {"title": title, "properties": {"metadata": _metadata(event_type)}}
            for event_type, title in _TYPE_TITLES.items()
        ],
    }


def _metadata(event_type: EventType) -> Schema:
    fields = METADATA_FIELDS[event_type]
    schema = described(fields, _METADATA_TEXTS)
    schema["properties"] |= {name: {"type": "null"} for name in sorted(NAMED_METADATA.difference(fields))}
    return schema
