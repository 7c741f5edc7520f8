"""What can be done with events beside the plain create, which is a function of the database."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import psycopg
from msgspec import Struct

from kronika.attachments import queries as attachment_queries
from kronika.attachments.actions import TOKENS_FIELD, judge_tokens
from kronika.attachments.links import Links
from kronika.attachments.models import AttachmentRow
from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.db.statements import Transaction
from kronika.documents.models import Document, living, related_document
from kronika.documents.queries import find_document
from kronika.errors import Complaints, Forbidden, Invalid, NotFound, Unauthenticated
from kronika.events import queries
from kronika.events.input import DOCUMENT_FIELD, REMOVED_FIELD, EventChange, read_change, read_link
from kronika.events.models import (
    RECORDABLE_TYPES,
    Asked,
    AskedEvent,
    DocumentLink,
    DocumentLinked,
    NewEvent,
    StoredEvent,
    metadata_of,
)
from kronika.events.queries import Author
from kronika.events.words import change_words, words_of
from kronika.input.normalise import Json
from kronika.timelines.models import Target, field_of
from kronika.timelines.queries import target_exists


class _Recorded(Struct):
    id: int


async def record_as_asked(
    transaction: Transaction, by: bytes | Author, asked: AskedEvent, links: Links, language: str
) -> bytes:
    """Records an event that may claim uploads or link a document; the answer. `by`: see record_event_as_part.

    Raises Invalid: its target, a token or the document is unknown. Unauthenticated, Forbidden: the token's rights were
    taken away.
    """
    complaints = Complaints()
    if not await target_exists(transaction, asked.target):
        complaints.add(field_of(asked.target), "unknown")
    uploads = await judge_tokens(transaction, links.hasher, asked.upload_tokens, complaints)
    new = await _new_event(transaction, asked.target, asked.metadata, complaints, language)
    if complaints or new is None:
        raise Invalid(complaints)
    shown = [
        links.view(
            transaction.company_id,
            AttachmentRow(upload.attachment_id, upload.name, upload.mime_type, upload.expires),
        )
        for upload in uploads
    ]
    try:
        recording = await queries.record_event_as_part(transaction, by, new, shown)
    except psycopg.errors.NoDataFound:
        # The target was deleted between the function's first look and its last.
        raise unknown_target(new.target) from None
    match recording.outcome:
        case "recorded" if recording.answer is not None:
            if uploads:
                event_id = msgspec.json.decode(recording.answer, type=_Recorded).id
                await attachment_queries.claim(transaction, event_id, uploads)
                await queries.count_attachments(transaction, event_id, len(uploads))
            return recording.answer
        case "unauthenticated":
            raise Unauthenticated
        case "forbidden":
            raise Forbidden
        case _:
            raise unknown_target(new.target)


async def judge_document(transaction: Transaction, link: DocumentLink, complaints: Complaints) -> Document | None:
    """The document that a link names; complains where there is none."""
    document = await find_document(transaction, (link.document_type, link.document_id))
    if document is None:
        complaints.add(DOCUMENT_FIELD, "unknown")
    return document


async def _new_event(
    transaction: Transaction, target: Target, asked: Asked, complaints: Complaints, language: str
) -> NewEvent | None:
    """The event that is asked for; None, and a complaint: it links a document that is not there."""
    if not isinstance(asked, DocumentLink):
        return NewEvent(target, asked)
    document = await judge_document(transaction, asked, complaints)
    if document is None:
        return None
    return NewEvent(target, DocumentLinked(related_document(living(document), language)), document.id)


async def correct_event(
    transaction: Transaction,
    event_id: int,
    payload: Mapping[str, Json] | None,
    complaints: Complaints,
    actor: Actor,
    *,
    links: Links,
    language: str,
    most_attachments: int,
) -> StoredEvent:
    """Replaces what an event says, adds and removes attachments; the event as it is then. What changes nothing leaves
    the event untouched and unannounced.

    `payload` None: it could not be read, for the reasons in `complaints`.

    Raises NotFound; Forbidden: the system wrote it; Invalid.
    """
    event = await _own_event(transaction, event_id)
    if payload is None:
        raise Invalid(complaints)
    change = read_change(event.type, payload, complaints, most_attachments=most_attachments)
    removed = _judge_removed(event, change, complaints)
    uploads = await judge_tokens(transaction, links.hasher, change.upload_tokens, complaints)
    attachments = len(event.attachments or ()) - len(removed) + len(uploads)
    # An event that has more than the setting allows, since it was lowered, can still be corrected.
    if uploads and attachments > most_attachments:
        complaints.add(TOKENS_FIELD, "attachments_at_most", most_attachments)
    target = Target(event.kind, event.timeline_id)
    new: NewEvent | None = None
    if change.metadata is not None:
        new = await _new_event(transaction, target, change.metadata, complaints, language)
    elif (link := read_link(event.type, payload)) is not None:
        # What it links is judged whatever else is wrong.
        await judge_document(transaction, link, complaints)
    if complaints or new is None:
        raise Invalid(complaints)
    if new.metadata == metadata_of(event, language) and not uploads and not removed:
        return event
    if removed:
        await attachment_queries.remove(transaction, event_id, sorted(removed))
    if uploads:
        await attachment_queries.claim(transaction, event_id, uploads)
    changed = await queries.update_event(transaction, event_id, new, attachments=attachments)
    await change_words(transaction, event_id, words_of(new.metadata, [file.name for file in changed.attachments or ()]))
    await record_change(transaction, "contact-activity-logs.updated", event_id, actor)
    return changed


async def remove_event(transaction: Transaction, event_id: int, actor: Actor) -> None:
    """Takes an event off its timeline; its row and its attachments stay.

    Raises NotFound; Forbidden: the system wrote it.
    """
    event = await _own_event(transaction, event_id)
    await record_change(transaction, "contact-activity-logs.deleted", event_id, actor)
    # Last, for it holds the timeline's row until the commit.
    await queries.delete_event(transaction, event)


def unknown_target(target: Target) -> Invalid:
    complaints = Complaints()
    complaints.add(field_of(target), "unknown")
    return Invalid(complaints)


def _judge_removed(event: StoredEvent, change: EventChange, complaints: Complaints) -> set[int]:
    own = {attachment.id for attachment in event.attachments or ()}
    for number, attachment_id in enumerate(change.removed_ids):
        if attachment_id is not None and attachment_id not in own:
            complaints.add(f"{REMOVED_FIELD}.{number}", "unknown")
    return own.intersection(change.removed_ids)


async def _own_event(transaction: Transaction, event_id: int) -> StoredEvent:
    event = await queries.lock_event(transaction, event_id)
    if event is None:
        raise NotFound
    if event.type not in RECORDABLE_TYPES:
        raise Forbidden
    return event
