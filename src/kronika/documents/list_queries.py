"""Lists of documents: along the index of their order, and counted by the counters where these know what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, LiteralString

import msgspec
from msgspec import Struct

from kronika.db.listing import Matches, Total, ids_of_page, nearest_slice
from kronika.db.statements import Transaction
from kronika.documents.models import PAYABLE_TYPES, Document, DocumentFilter, DocumentSort, DocumentWish, PaymentStatus
from kronika.documents.queries import STORED
from kronika.folding import folded

# To find and sort so many takes about 15 ms (see docs/decisions/0013).
_MOST_SORTED: Final = 10_000
# Of a folded number, so much is in its index: see sort_key() in migration 0012.
_INDEXED_CHARACTERS: Final = 200

_ORDER: Final[Mapping[DocumentSort, LiteralString]] = {
    "issueDate": "issue_date",
    "dueDate": "due_date",
    "number": "sort_number",
    "totalWithVat": "total",
    "updatedAt": "updated_at",
    "createdAt": "id",
}
_FILTERS: Final[Mapping[str, LiteralString]] = {
    "type": " AND type = %(type)s",
    "contact_id": " AND contact_id = %(contact_id)s",
    "case_id": " AND business_case_id = %(case_id)s",
    # What begins with a text is between it and itself followed by the last of all characters; LIKE could not ask an
    # index under row-level security.
    "number": """ AND sort_number >= left(folded(%(number)s), 200)
        AND sort_number < left(folded(%(number)s), 200) || repeat(chr(1114111), 200)""",
    "issued_from": " AND issue_date >= %(issued_from)s",
    "issued_to": " AND issue_date <= %(issued_to)s",
    "due_from": " AND due_date >= %(due_from)s",
    "due_to": " AND due_date <= %(due_to)s",
}
# The order in which what a filter finds lies together in an index. Type and openness are in the index of every order.
_NEIGHBOURS: Final[Mapping[str, DocumentSort]] = {
    "contact_id": "issueDate",
    "case_id": "issueDate",
    "number": "number",
    "issued_from": "issueDate",
    "issued_to": "issueDate",
    "due_from": "dueDate",
    "due_to": "dueDate",
}
_REST_OF_NUMBER: Final[LiteralString] = " AND starts_with(folded(number), folded(%(number)s))"
# As payment_status() tells them.
_BEGUN: Final = "CASE WHEN total < 0 THEN paid < 0 ELSE paid > 0 END"
_NOT_YET_DUE: Final = " AND is_open AND (due_date IS NULL OR due_date >= %(today)s)"
_STATUSES: Final[Mapping[PaymentStatus, LiteralString]] = {
    "paid": " AND NOT is_open AND type = ANY (%(payable)s::text[])",
    "overdue": " AND is_open AND due_date < %(today)s",
    "partially_paid": _NOT_YET_DUE + " AND " + _BEGUN,
    "unpaid": _NOT_YET_DUE + " AND NOT " + _BEGUN,
}
_LIVING: Final = " FROM documents WHERE company_id = %(company_id)s AND is_living"
_COUNT: Final = "SELECT count(*) AS total" + _LIVING
_COUNTED: Final = "SELECT coalesce(sum(n), 0)::bigint AS total FROM document_counts WHERE company_id = %(company_id)s"
# A look-up for each id (OFFSET 0 keeps it one), in the order of the ids.
_BY_IDS: Final[LiteralString] = (
    "SELECT %(at)s::timestamptz AS seen_at, "
    + STORED
    + """FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (wanted_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM documents WHERE company_id = %(company_id)s AND id = wanted_id OFFSET 0) document
ORDER BY place"""
)


# By number, the shortest first: what was typed whole stands above what only begins so.
_BY_NUMBER: Final = (
    "SELECT clock() AS seen_at, "
    + STORED
    + _LIVING
    + _FILTERS["number"]
    + " AND type = ANY (%(types)s::text[]) ORDER BY sort_number, id LIMIT %(limit)s"
)


class _Moment(Struct, frozen=True):
    at: datetime


async def moment(transaction: Transaction) -> datetime:
    return (await transaction.one(_Moment, "SELECT clock() AS at")).at


async def documents_page(
    transaction: Transaction, wish: DocumentWish, today: date, *, page: int, per_page: int
) -> Matches:
    """How many documents the list has, and the ids of those on a page; `today` decides what is overdue."""
    wanted, order = wish.filter, wish.order
    conditions = _conditions(wanted)
    values: dict[str, object] = {**msgspec.structs.asdict(wanted), "today": today, "payable": list(PAYABLE_TYPES)}
    counting = _COUNTED if _is_counted(wanted) else _COUNT
    total = (await transaction.one(Total, counting + conditions, **values)).total
    rows, column = _LIVING + conditions, _ORDER[order.by]
    if total <= _MOST_SORTED and _is_scattered(wish):
        # OFFSET 0 keeps the order from the search: they are found by what they have, and sorted then.
        rows = " FROM (SELECT " + ("id" if column == "id" else "id, " + column) + rows + " OFFSET 0) found"
    ids = await ids_of_page(
        transaction,
        rows,
        column,
        descending=order.descending,
        piece=nearest_slice(total, page=page, per_page=per_page),
        values=values,
    )
    return Matches(total, ids)


async def count_documents_of(transaction: Transaction, contact_id: int) -> int:
    statement = _COUNT + _FILTERS["contact_id"]
    return (await transaction.one(Total, statement, contact_id=contact_id)).total


async def documents_by_ids(transaction: Transaction, ids: list[int], at: datetime) -> list[Document]:
    """These documents, in this order, as read at that moment."""
    return await transaction.all(Document, _BY_IDS, ids=ids, at=at)


async def documents_by_number(
    transaction: Transaction, types: Sequence[str], number: str, *, limit: int
) -> list[Document]:
    """Documents of these types whose number begins so, case and diacritics aside."""
    return await transaction.all(Document, _BY_NUMBER, types=list(types), number=number, limit=limit)


def _is_counted(wanted: DocumentFilter) -> bool:
    """Whether the counters, which know the type and whether something remains to be paid, can tell how many it is."""
    return wanted.status in (None, "paid") and all(getattr(wanted, name) is None for name in _FILTERS if name != "type")


def _is_scattered(wish: DocumentWish) -> bool:
    """Whether along the index of the order, what is asked for may stand far behind all else."""
    status = wish.filter.status not in (None, "paid") and wish.order.by != "dueDate"
    return status or any(
        getattr(wish.filter, name) is not None and order != wish.order.by for name, order in _NEIGHBOURS.items()
    )


def _conditions(wanted: DocumentFilter) -> LiteralString:
    conditions: LiteralString = "".join(_FILTERS[name] for name in _FILTERS if getattr(wanted, name) is not None)
    if wanted.number is not None and len(folded(wanted.number)) > _INDEXED_CHARACTERS:
        conditions += _REST_OF_NUMBER
    if wanted.is_open is not None:
        conditions += " AND is_open" if wanted.is_open else " AND NOT is_open"
    if wanted.status is not None:
        conditions += _STATUSES[wanted.status]
    return conditions
