"""Stretches of a timeline, as people read it: newest first, on from a place, with who wrote what and its document now.

A stretch costs the same wherever it begins and however long the timeline is. Of certain types it reads only the counted
blocks that have any (see docs/decisions/0005).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, LiteralString, TypeAlias, get_args

import msgspec
from msgspec import Struct

from kronika.changes.models import ActorKind
from kronika.db.statements import Transaction
from kronika.documents.models import DocumentType
from kronika.events.models import RECORDABLE_TYPES, EventType

View: TypeAlias = Literal[
    "all", "people", "documents", "files", "note", "email", "phone_call", "document_linked",
    "document_created", "document_updated", "document_deleted", "document_payment_added",
]  # fmt: skip
"""What of a timeline is shown: everything, of some types, of one type, or what has files."""
VIEWS: Final[tuple[View, ...]] = get_args(View)
_WRITTEN: Final[tuple[EventType, ...]] = ("note", "email", "phone_call")
_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)

# Bare, so that it stays a condition of the index in a plan for all values: no place at all is an infinite moment.
_BEFORE: Final[LiteralString] = (
    " AND (e.created_at, e.id) < (to_timestamp(%(before_at)s::float8), %(before_id)s::bigint)"
)
_KEYS: Final[LiteralString] = """
SELECT e.created_at, e.id FROM events e
WHERE e.company_id = %(company_id)s AND e.timeline_id = %(timeline)s AND e.deleted_at IS NULL
"""
_NEWEST: Final[LiteralString] = " ORDER BY e.created_at DESC, e.id DESC LIMIT %(limit)s"
_OF_ALL: Final[LiteralString] = _KEYS + _BEFORE + _NEWEST
_WITH_FILES: Final[LiteralString] = _KEYS + " AND e.attachments > 0" + _BEFORE + _NEWEST
# A block is read when those between it and the place have not enough; of the first, nobody knows how much is before it.
_OF_TYPES: Final[LiteralString] = (
    """
WITH blocks AS (
    SELECT starts_at, starts_id, counts FROM timeline_blocks
    WHERE company_id = %(company_id)s AND timeline_id = %(timeline)s
    UNION ALL
    SELECT tail_at, tail_id, tail_counts FROM timelines WHERE company_id = %(company_id)s AND id = %(timeline)s
), counted AS (
    SELECT b.starts_at, b.starts_id, n.n,
        lag(b.starts_at, 1, 'infinity') OVER newest_first AS ends_at,
        lag(b.starts_id, 1, 0::bigint) OVER newest_first AS ends_id
    FROM blocks b CROSS JOIN LATERAL (SELECT sum(b.counts[i]) AS n FROM unnest(%(numbers)s::integer[]) i) n
    WINDOW newest_first AS (ORDER BY b.starts_at DESC, b.starts_id DESC)
), from_there AS (
    SELECT *, sum(n) OVER newest_first - n - first_value(n) OVER newest_first AS surely_before
    FROM counted
    WHERE (starts_at, starts_id) < (to_timestamp(%(before_at)s::float8), %(before_id)s::bigint)
    WINDOW newest_first AS (ORDER BY starts_at DESC, starts_id DESC)
)
SELECT k.created_at, k.id FROM from_there b
CROSS JOIN LATERAL ("""
    + _KEYS
    + """ AND e.type = ANY (%(types)s::text[]::event_type[])
    AND (e.created_at, e.id) >= (b.starts_at, b.starts_id) AND (e.created_at, e.id) < (b.ends_at, b.ends_id)"""
    + _BEFORE
    + _NEWEST
    + """) k
WHERE b.n > 0 AND b.surely_before < %(limit)s
ORDER BY k.created_at DESC, k.id DESC LIMIT %(limit)s"""
)
_NEWER: Final[LiteralString] = (
    _KEYS
    + " AND (e.created_at, e.id) > (to_timestamp(%(at)s), %(id)s::bigint)"
    + " ORDER BY e.created_at, e.id LIMIT %(limit)s"
)
# Each by its id (OFFSET 0 keeps it so): a plan for all values would walk the whole timeline for one.
BY_IDS: Final[LiteralString] = """
FROM unnest(%(ids)s::bigint[]) k (id)
CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = %(company_id)s AND id = k.id OFFSET 0) e
"""
_THESE: Final[LiteralString] = (
    "SELECT e.created_at, e.id" + BY_IDS + "WHERE e.timeline_id = %(timeline)s AND e.deleted_at IS NULL"
)
_TIMELINES_OF: Final[LiteralString] = (
    "SELECT e.timeline_id AS timeline, array_agg(e.id ORDER BY e.id) AS ids" + BY_IDS + "GROUP BY e.timeline_id"
)
# Look-ups for each key (OFFSET 0 keeps them so), and users' names in one.
_SHOWN: Final[LiteralString] = """
), shown AS MATERIALIZED (
    SELECT e.id, e.type, e.content, e.email, e.person_name, e.phone_number, e.created_at, e.updated_at,
        e.created_by, e.created_by_id, e.document_id, e.document_number, e.amount, e.currency_id,
        CASE WHEN e.attachments > 0 THEN (
            SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'mime_type', a.mime_type, 'size', a.size)
                            ORDER BY a.id)
            FROM attachments a WHERE a.company_id = %(company_id)s AND a.event_id = e.id) END AS files
    FROM keys k
    CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = %(company_id)s AND id = k.id OFFSET 0) e
), users AS MATERIALIZED (
    SELECT * FROM names_of_users(ARRAY(SELECT DISTINCT created_by_id FROM shown WHERE created_by = 'user'))
)
SELECT s.id, s.type::text AS type, s.content, s.email, s.person_name, s.phone_number,
    extract(epoch FROM s.created_at)::bigint AS created, extract(epoch FROM s.updated_at)::bigint AS updated,
    s.created_by::text AS by, s.created_by_id AS by_id,
    CASE s.created_by WHEN 'user' THEN u.name WHEN 'token' THEN t.name END AS author,
    s.files, s.document_number AS said_number, s.amount AS said_amount, s.currency_id AS said_currency,
    CASE WHEN d.is_living THEN json_build_object(
        'type', d.type, 'document_id', d.document_id, 'name', d.name, 'number', d.number, 'issue_date', d.issue_date,
        'due_date', d.due_date, 'total', d.total::text, 'currency_id', d.currency_id, 'paid', d.paid::text,
        'to_be_paid', d.to_be_paid::text, 'is_open', d.is_open) END AS document,
    d.type AS document_type, d.number AS last_number
FROM shown s
LEFT JOIN users u ON s.created_by = 'user' AND u.user_id = s.created_by_id
LEFT JOIN tokens t ON s.created_by = 'token' AND t.company_id = %(company_id)s AND t.id = s.created_by_id
LEFT JOIN LATERAL (
    SELECT * FROM documents WHERE company_id = %(company_id)s AND id = s.document_id OFFSET 0) d ON true
ORDER BY s.created_at DESC, s.id DESC
"""
_BEGIN: Final[LiteralString] = "WITH keys AS MATERIALIZED ("


class File(Struct, frozen=True):
    """An attachment; `size` in bytes."""

    id: int
    name: str
    mime_type: str
    size: int


class DocumentNow(Struct, frozen=True):
    """A document as it is now."""

    type: DocumentType
    document_id: int
    name: str | None
    number: str
    issue_date: date
    due_date: date | None
    total: Decimal | None
    currency_id: int | None
    paid: Decimal
    to_be_paid: Decimal | None
    is_open: bool


class Told(Struct, frozen=True):
    """An event as people read it; times in seconds since the epoch. `author`: the name of the user or the token.

    What the event itself says of its document is `said_…`; `document` is what that is now (None: it is gone, and had
    `last_number` then).
    """

    id: int
    type: EventType
    content: str | None
    email: str | None
    person_name: str | None
    phone_number: str | None
    created: int
    updated: int
    by: ActorKind
    by_id: int | None
    author: str | None
    files: list[File] | None
    said_number: str | None
    said_amount: Decimal | None
    said_currency: int | None
    document: DocumentNow | None
    document_type: DocumentType | None
    last_number: str | None


class Place(Struct, frozen=True):
    """A place on a timeline: right behind an event, by its moment (seconds since the epoch) and its id."""

    at: int
    id: int


def types_of(view: View) -> tuple[EventType, ...] | None:
    """Those that the view shows; None: all."""
    match view:
        case "all" | "files":
            return None
        case "people":
            return RECORDABLE_TYPES
        case "documents":
            return tuple(each for each in _TYPES if each not in _WRITTEN)
        case _:
            return (view,)


async def read_stretch(
    transaction: Transaction, timeline: int, view: View, *, before: Place | None, limit: int
) -> list[Told]:
    """So many events before a place (None: the newest)."""
    types = types_of(view)
    values: dict[str, object] = {
        "timeline": timeline,
        "before_at": float(before.at) if before else math.inf,
        "before_id": before.id if before else 0,
        "limit": limit,
    }
    if types is None:
        return await read_told(transaction, _WITH_FILES if view == "files" else _OF_ALL, values)
    values |= {"types": list(types), "numbers": [_TYPES.index(each) + 1 for each in types]}
    return await read_told(transaction, _OF_TYPES, values)


async def read_newer(transaction: Transaction, timeline: int, place: Place, *, limit: int) -> list[Told]:
    """So many events right after a place, the newest of them first."""
    return await read_told(transaction, _NEWER, {"timeline": timeline, "at": place.at, "id": place.id, "limit": limit})


async def read_these(transaction: Transaction, timeline: int, ids: Sequence[int]) -> list[Told]:
    """Those of these events that are on the timeline."""
    return await read_told(transaction, _THESE, {"timeline": timeline, "ids": list(set(ids))})


class _Ids(Struct, frozen=True):
    timeline: int
    ids: list[int]


async def ids_by_timeline(transaction: Transaction, ids: Sequence[int]) -> dict[int, list[int]]:
    """Those of these events that are or were on each timeline."""
    return {row.timeline: row.ids for row in await transaction.all(_Ids, _TIMELINES_OF, ids=list(set(ids)))}


async def read_told(transaction: Transaction, keys: LiteralString, values: Mapping[str, object]) -> list[Told]:
    """The events whose ids and moments the statement `keys` gives, with these values, newest first."""
    rows: list[dict[str, Any]] = await transaction.all(dict, _BEGIN + keys + _SHOWN, **values)
    return msgspec.convert(rows, list[Told])
