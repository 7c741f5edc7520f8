"""Statements on CRM events. The two hot ones are functions of the database: one call, one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from msgspec import Struct

from kronika.attachments.models import AttachmentView
from kronika.changes.models import Actor
from kronika.db.pool import Database, Transaction
from kronika.db.statements import Found
from kronika.events.models import EventRow, EventType, NewEvent, StoredEvent, rendered_around_database_parts
from kronika.events.words import words_of
from kronika.input.keys import Key
from kronika.timelines.models import Target

_RECORD: Final = """
SELECT outcome::text, company, answer FROM record_event(
    %(token)s, %(kind)s::timeline_kind, %(target)s::bigint, %(type)s::event_type,
    %(content)s, %(email)s, %(person_name)s, %(phone_number)s, %(document)s::bigint,
    %(words)s, %(key)s, %(fingerprint)s, %(middle)s)
"""
_RECORD_OF: Final = """
SELECT outcome::text, %(company_id)s::bigint AS company, answer FROM record_event_of(
    %(company_id)s::bigint, %(zone)s, %(actor)s::text::actor_kind, %(actor_id)s::bigint,
    %(kind)s::text::timeline_kind, %(target)s::bigint, %(type)s::text::event_type,
    %(content)s, %(email)s, %(person_name)s, %(phone_number)s, %(document)s::bigint,
    %(words)s, %(key)s, %(fingerprint)s, %(middle)s)
"""
_PAGE: Final = """
SELECT outcome::text, company, time_zone, total, events::text FROM timeline_page(
    %(token)s, %(kind)s::timeline_kind, %(target)s::bigint, %(type)s::event_type,
    %(page)s::bigint, %(per_page)s::integer)
"""
_COLUMNS: Final = """
    e.id, e.type, e.content, e.email, e.person_name, e.phone_number,
    extract(epoch FROM e.created_at)::bigint AS created, extract(epoch FROM e.updated_at)::bigint AS updated,
    CASE WHEN e.attachments > 0 THEN attachments_of(e.company_id, e.id) END AS attachments,
    CASE WHEN e.document_id IS NOT NULL THEN
        document_of(e.company_id, e.type, e.document_id, e.document_number, e.amount, e.currency_id) END AS document,
    e.timeline_id, t.kind
"""
_ALIVE: Final = """
FROM events e JOIN timelines t ON t.company_id = e.company_id AND t.id = e.timeline_id AND t.deleted_at IS NULL
WHERE e.company_id = %(company_id)s AND e.id = %(id)s AND e.deleted_at IS NULL
"""
_FIND: Final = "SELECT" + _COLUMNS + _ALIVE
_LOCK: Final = "SELECT true AS found" + _ALIVE + "FOR NO KEY UPDATE OF e"
_UPDATE: Final = (
    """
UPDATE events e SET content = %(content)s, email = %(email)s, person_name = %(person_name)s,
    phone_number = %(phone_number)s, document_id = %(document)s, attachments = %(attachments)s,
    (amount, currency_id) = (
        SELECT coalesce(kept.amount, d.total), coalesce(kept.currency_id, d.currency_id)
        FROM (SELECT) one
        LEFT JOIN documents d ON d.company_id = %(company_id)s AND d.id = %(document)s::bigint
        LEFT JOIN (SELECT e.amount, e.currency_id WHERE e.document_id = %(document)s::bigint) kept ON true),
    updated_at = date_trunc('second', clock())
FROM timelines t
WHERE e.company_id = %(company_id)s AND e.id = %(id)s AND t.company_id = e.company_id AND t.id = e.timeline_id
RETURNING"""
    + _COLUMNS
)
_COUNT_ATTACHMENTS: Final = """
UPDATE events SET attachments = %(attachments)s WHERE company_id = %(company_id)s AND id = %(id)s
"""
_DELETE: Final = """
WITH words AS (
    DELETE FROM event_words WHERE company_id = %(company_id)s AND event_id = %(id)s
)
UPDATE events SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = %(id)s
"""
_COUNT_OUT: Final = """
SELECT count_event(%(company_id)s, %(timeline_id)s, to_timestamp(%(created)s), %(id)s, %(type)s::event_type, -1)
"""

_ROWS = msgspec.json.Decoder(list[EventRow])


class Recording(Struct, frozen=True):
    """How a create ended: `recorded`, `repeated`, `key_reused`, `no_target`, `unauthenticated` or `forbidden`."""

    outcome: str
    company: int | None
    answer: bytes | None


class Page(Struct, frozen=True):
    """How a read of a timeline ended: `found`, `no_target` or `unauthenticated`."""

    outcome: str
    company: int | None
    time_zone: str | None
    total: int | None
    events: str | None

    def rows(self) -> list[EventRow]:
        return [] if self.events is None else _ROWS.decode(self.events)


async def record_event(database: Database, token_hash: bytes, new: NewEvent, key: Key | None) -> Recording:
    """Records an event once for its key, in one round trip."""
    try:
        recording = await database.call(Recording, _RECORD, _record_values(token_hash, new, key))
    except psycopg.errors.NoDataFound:
        # The target was deleted between the function's first look and its last.
        return Recording("no_target", None, None)
    if recording.outcome == "recorded" and recording.company is not None:
        database.news.changed(recording.company)
    return recording


class Author(Struct, frozen=True):
    """A user who records an event, and the zone of the times in its answer."""

    actor: Actor
    zone: ZoneInfo


async def record_event_as_part(
    transaction: Transaction, by: bytes | Author, new: NewEvent, attachments: Sequence[AttachmentView] = ()
) -> Recording:
    """Records an event as part of a larger transaction, which makes the attachments it shows. `by`: the holder of a
    token, told by its hash, or somebody else.
    """
    transaction.has_changed = True
    if isinstance(by, bytes):
        return await transaction.one(Recording, _RECORD, **_record_values(by, new, None, attachments))
    who = {"zone": by.zone.key, "actor": by.actor.kind, "actor_id": by.actor.id}
    return await transaction.one(Recording, _RECORD_OF, **who, **_record_values(None, new, None, attachments))


def _record_values(
    token_hash: bytes | None, new: NewEvent, key: Key | None, attachments: Sequence[AttachmentView] = ()
) -> dict[str, object]:
    return {
        "token": token_hash,
        "kind": new.target.kind,
        "target": new.target.id,
        "type": new.metadata.type,
        **_columns(new),
        "words": words_of(new.metadata, [attachment.name for attachment in attachments]),
        "key": key and key.value,
        "fingerprint": key and key.fingerprint,
        "middle": rendered_around_database_parts(new, attachments),
    }


async def timeline_page(
    database: Database, token_hash: bytes, target: Target, event_type: EventType | None, *, page: int, per_page: int
) -> Page:
    """One page of a timeline with its exact total, newest first, in one round trip."""
    return await database.read(
        Page,
        _PAGE,
        {
            "token": token_hash,
            "kind": target.kind,
            "target": target.id,
            "type": event_type,
            "page": page,
            "per_page": per_page,
        },
    )


async def find_event(transaction: Transaction, event_id: int) -> StoredEvent | None:
    return await transaction.maybe(_stored, _FIND, id=event_id)


async def lock_event(transaction: Transaction, event_id: int) -> StoredEvent | None:
    """The event, held until the transaction ends."""
    if await transaction.maybe(Found, _LOCK, id=event_id) is None:
        return None
    # A statement of its own: who waited for the lock would see the new row with the old attachments.
    return await find_event(transaction, event_id)


async def update_event(transaction: Transaction, event_id: int, new: NewEvent, *, attachments: int) -> StoredEvent:
    """The event as it is now, on the timeline where it is; `attachments`: how many it has by now."""
    return await transaction.one(_stored, _UPDATE, id=event_id, attachments=attachments, **_columns(new))


async def count_attachments(transaction: Transaction, event_id: int, attachments: int) -> None:
    """Tells a new event how many attachments it has."""
    await transaction.run(_COUNT_ATTACHMENTS, id=event_id, attachments=attachments)


async def delete_event(transaction: Transaction, event: StoredEvent) -> None:
    """Takes the event off its timeline, and off its count."""
    await transaction.run(_DELETE, id=event.id)
    await transaction.run(
        _COUNT_OUT, id=event.id, timeline_id=event.timeline_id, created=event.created, type=event.type
    )


def _columns(new: NewEvent) -> dict[str, str | int | None]:
    said = new.metadata
    return {
        "content": getattr(said, "content", None),
        "email": getattr(said, "email", None),
        "person_name": getattr(said, "person_name", None),
        "phone_number": getattr(said, "phone_number", None),
        "document": new.document,
    }


def _stored(**columns: Any) -> StoredEvent:
    return msgspec.convert(columns, StoredEvent)
