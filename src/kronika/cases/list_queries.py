"""Lists of business cases: along the index of their order, and counted by the places on the board, or searched by a
function of the database (see migration 0012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from kronika.cases.models import Case, CaseFilter, CaseSort, CaseWish
from kronika.cases.queries import SHOWN, WITH_CONTACT_AND_STATUS
from kronika.db.listing import Matches, Total, ids_of_page, nearest_slice, places_of
from kronika.db.statements import Transaction

_ORDER: Final[Mapping[CaseSort, LiteralString]] = {
    "id": "id",
    "name": "sort_name",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "boardPosition": "board_position",
}
_LIVING: Final = " FROM business_cases WHERE company_id = %(company_id)s AND deleted_at IS NULL"
# Places count from 0 without gaps, so the last one tells how many cases a column has; for how it is read see board.py.
SIZE: Final = """
SELECT board_position + 1 FROM business_cases
WHERE company_id = %(company_id)s AND deleted_at IS NULL AND status_id {}
ORDER BY status_id DESC, board_position DESC LIMIT 1
"""
_COUNT_STATUS: Final = "SELECT coalesce((" + SIZE.format("= %(status_id)s") + "), 0)::bigint AS total"
_COUNT_NONE: Final = "SELECT coalesce((" + SIZE.format("IS NULL") + "), 0)::bigint AS total"
_COUNT_ALL: Final = (
    "SELECT coalesce(sum(size), 0)::bigint AS total FROM (SELECT ("
    + SIZE.format("= s.id")
    + """) AS size FROM business_case_statuses s WHERE s.company_id = %(company_id)s AND s.deleted_at IS NULL
    UNION ALL SELECT ("""
    + SIZE.format("IS NULL")
    + ")) columns"
)
_COUNT_SOME: Final = "SELECT count(*) AS total" + _LIVING
_FOUND: Final = """
SELECT count(*) AS total, coalesce((array_agg(found_id ORDER BY place))[%(first)s:%(last)s], '{}') AS ids
FROM matching_cases(
    %(words)s, %(contact_id)s::bigint, %(of_column)s, %(of_status)s::bigint, %(sort_by)s, %(descending)s)
    WITH ORDINALITY AS matching (found_id, place)
"""
# A look-up for each id (OFFSET 0 keeps it one), in the order of the ids.
_BY_IDS: Final[LiteralString] = (
    "SELECT "
    + SHOWN
    + """FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (wanted_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM business_cases WHERE company_id = %(company_id)s AND id = wanted_id OFFSET 0) c"""
    + WITH_CONTACT_AND_STATUS
    + "ORDER BY place"
)


async def cases_page(transaction: Transaction, wish: CaseWish, *, page: int, per_page: int) -> Matches:
    """How many cases the list has, and the ids of those on a page."""
    wanted, order = wish.filter, wish.order
    values: dict[str, object] = {"contact_id": wanted.contact_id, "status_id": wanted.status_id}
    if wanted.words:
        return await transaction.one(
            Matches,
            _FOUND,
            **values,
            words=wanted.words,
            of_column=wanted.status_id is not None,
            of_status=wanted.status_id or None,
            sort_by=order.by,
            descending=order.descending,
            **places_of(page=page, per_page=per_page),
        )
    total = await count_cases(transaction, wanted)
    ids = await ids_of_page(
        transaction,
        _LIVING + _conditions(wanted),
        _ORDER[order.by],
        descending=order.descending,
        piece=nearest_slice(total, page=page, per_page=per_page),
        values=values,
    )
    return Matches(total, ids)


async def count_cases(transaction: Transaction, wanted: CaseFilter) -> int:
    """How many cases the filter finds, its words aside."""
    values = {"contact_id": wanted.contact_id, "status_id": wanted.status_id}
    return (await transaction.one(Total, _counting(wanted), **values)).total


async def count_by_status(transaction: Transaction, status_ids: Sequence[int]) -> list[int]:
    """How many cases stand in each of these columns, in their order; in one round trip."""
    columns = [{"status_id": status_id} for status_id in status_ids]
    return [row.total for row in await transaction.each(Total, _COUNT_STATUS, columns)] if columns else []


async def cases_by_ids(transaction: Transaction, ids: list[int]) -> list[Case]:
    return await transaction.all(Case, _BY_IDS, ids=ids)


def _counting(wanted: CaseFilter) -> LiteralString:
    """Without looking at each case unless they are one contact's."""
    if wanted.contact_id is not None:
        return _COUNT_SOME + _conditions(wanted)
    if wanted.status_id is None:
        return _COUNT_ALL
    return _COUNT_STATUS if wanted.status_id else _COUNT_NONE


def _conditions(wanted: CaseFilter) -> LiteralString:
    contact: LiteralString = "" if wanted.contact_id is None else " AND contact_id = %(contact_id)s"
    if wanted.status_id is None:
        return contact
    return contact + (" AND status_id = %(status_id)s" if wanted.status_id else " AND status_id IS NULL")
