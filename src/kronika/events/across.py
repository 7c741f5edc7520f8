"""Events across timelines: what happened in a company, and to a document; newest first, with whose timeline it is on.

What happened in a company goes by ids, which are given in the order of recording: so the primary key has it in order,
and no index is kept for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, LiteralString

from msgspec import Struct

from kronika.db.statements import Transaction
from kronika.events.stretches import BY_IDS, Place, Told, read_told
from kronika.timelines.models import TargetKind

MOST_LOOKED_AT: Final = 5000
"""Events, for one answer: a contact with many may just have been deleted with all of them."""
# Of a timeline that is there (OFFSET 0 keeps it a look-up for each event).
_LIVING: Final[LiteralString] = """
CROSS JOIN LATERAL (
    SELECT FROM timelines t
    WHERE t.company_id = %(company_id)s AND t.id = e.timeline_id AND t.deleted_at IS NULL OFFSET 0) living
WHERE e.deleted_at IS NULL
"""
_LOOKED: Final[LiteralString] = """
    SELECT id, created_at, timeline_id, deleted_at FROM events
    WHERE company_id = %(company_id)s AND id < %(before)s::bigint ORDER BY id DESC LIMIT %(most)s
"""
_NEWEST: Final[LiteralString] = (
    "SELECT e.created_at, e.id FROM (" + _LOOKED + ") e" + _LIVING + "ORDER BY e.id DESC LIMIT %(limit)s"
)
_LOOKED_TO: Final[LiteralString] = "SELECT count(*) AS looked, coalesce(min(id), 0) AS last FROM (" + _LOOKED + ") e"
_THESE: Final[LiteralString] = "SELECT e.created_at, e.id" + BY_IDS + _LIVING
_OF_DOCUMENT: Final[LiteralString] = (
    "SELECT e.created_at, e.id FROM events e"
    + _LIVING
    + """ AND e.company_id = %(company_id)s AND e.document_id = %(document)s::bigint
    AND (e.created_at, e.id) < (to_timestamp(%(before_at)s::float8), %(before_id)s::bigint)
ORDER BY e.created_at DESC, e.id DESC LIMIT %(limit)s"""
)
_WHOSE: Final[LiteralString] = (
    "SELECT e.id AS event, t.id, t.kind::text AS kind, coalesce(contact.name, deal.name) AS name"
    + BY_IDS
    + """
CROSS JOIN LATERAL (
    SELECT id, kind FROM timelines WHERE company_id = %(company_id)s AND id = e.timeline_id OFFSET 0) t
LEFT JOIN LATERAL (
    SELECT name FROM contacts WHERE company_id = %(company_id)s AND id = t.id OFFSET 0) contact ON true
LEFT JOIN LATERAL (
    SELECT name FROM business_cases WHERE company_id = %(company_id)s AND id = t.id OFFSET 0) deal ON true
"""
)
_DOCUMENTS_OF: Final[LiteralString] = (
    "SELECT DISTINCT e.document_id AS id"
    + BY_IDS
    + """WHERE e.document_id IS NOT NULL
UNION
SELECT p.document_id FROM unnest(%(payments)s::bigint[]) k (id)
CROSS JOIN LATERAL (
    SELECT document_id FROM document_payments WHERE company_id = %(company_id)s AND id = k.id OFFSET 0) p
"""
)


class Whose(Struct, frozen=True):
    """The client, supplier or business case on whose timeline an event is."""

    id: int
    kind: TargetKind
    name: str


class Happened(Struct, frozen=True):
    """Events, newest first, and whose they are, by their ids. `more`: it goes on with ids below this one."""

    events: list[Told]
    whose: dict[int, Whose]
    more: int | None = None


class Trail(Struct, frozen=True):
    """What happened to a document, newest first. `more`: behind which place it goes on."""

    events: list[Told]
    whose: dict[int, Whose]
    more: Place | None


class _Whose(Struct, frozen=True):
    event: int
    id: int
    kind: TargetKind
    name: str


class _LookedTo(Struct, frozen=True):
    looked: int
    last: int


class _Document(Struct, frozen=True):
    id: int


async def read_happened(transaction: Transaction, *, before: int | None, limit: int) -> Happened:
    """So many events of the company with ids below `before` (None: the newest). Where many were deleted they may be
    fewer, though it goes on.
    """
    values = {"before": before if before is not None else 2**63 - 1, "most": MOST_LOOKED_AT}
    events = await read_told(transaction, _NEWEST, {**values, "limit": limit + 1})
    if len(events) > limit:
        # They come by their moment, which among those of the same time is not quite the order of the ids.
        events.remove(min(events, key=lambda event: event.id))
        more = min(event.id for event in events)
    else:
        looked = await transaction.one(_LookedTo, _LOOKED_TO, **values)
        more = looked.last if looked.looked == MOST_LOOKED_AT else None
    return Happened(events, await _whose(transaction, events), more)


async def read_happened_these(transaction: Transaction, ids: Sequence[int]) -> Happened:
    """Those of these events that are there."""
    events = await read_told(transaction, _THESE, {"ids": list(set(ids))})
    return Happened(events, await _whose(transaction, events))


async def read_trail(transaction: Transaction, document: int, *, before: Place | None, limit: int) -> Trail:
    """So many events about a document (its own id) before a place; None: the newest."""
    values: dict[str, object] = {
        "document": document,
        "before_at": float(before.at) if before else math.inf,
        "before_id": before.id if before else 0,
        "limit": limit + 1,
    }
    found = await read_told(transaction, _OF_DOCUMENT, values)
    events = found[:limit]
    more = Place(events[-1].created, events[-1].id) if len(found) > limit else None
    return Trail(events, await _whose(transaction, events), more)


async def documents_touched(transaction: Transaction, events: Sequence[int], payments: Sequence[int]) -> set[int]:
    """The own ids of the documents that these events and payments are about."""
    rows = await transaction.all(_Document, _DOCUMENTS_OF, ids=list(set(events)), payments=list(set(payments)))
    return {row.id for row in rows}


async def _whose(transaction: Transaction, events: Sequence[Told]) -> dict[int, Whose]:
    rows = await transaction.all(_Whose, _WHOSE, ids=[event.id for event in events]) if events else []
    return {row.event: Whose(row.id, row.kind, row.name) for row in rows}
