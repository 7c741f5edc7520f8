"""Statements on the board: in every column (each status, and none) the places of the living cases are 0, 1, 2 … n-1.

Who uses these holds the board (`lock_board`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from kronika.db.statements import Transaction

END: Final = 2**31 - 1
"""A place that no column reaches."""

# Each twice, for a status and for none: `status_id IS NOT DISTINCT FROM …` would read no index. And the last place is
# read from the end of the index: for `status_id IS NULL`, `max()` would read the whole column.
_END: Final = """
SELECT coalesce((
    SELECT board_position + 1 FROM business_cases
    WHERE company_id = %(company_id)s AND deleted_at IS NULL AND status_id {}
    ORDER BY status_id DESC, board_position DESC LIMIT 1
), 0) AS place
"""
_END_OF_STATUS: Final = _END.format("= %(status_id)s")
_END_OF_NONE: Final = _END.format("IS NULL")

_SHIFT: Final = """
UPDATE business_cases SET board_position = board_position + %(by)s
WHERE company_id = %(company_id)s AND deleted_at IS NULL AND board_position BETWEEN %(first)s AND %(last)s
    AND status_id {}
"""
_SHIFT_IN_STATUS: Final = _SHIFT.format("= %(status_id)s")
_SHIFT_IN_NONE: Final = _SHIFT.format("IS NULL")

# The columns are named on both sides of the join, so that neither reads the whole board.
_CLOSE: Final = """
WITH places AS (
    SELECT id, row_number() OVER (PARTITION BY status_id ORDER BY board_position) - 1 AS place
    FROM business_cases
    WHERE company_id = %(company_id)s AND deleted_at IS NULL
        AND (status_id = ANY (%(status_ids)s::bigint[]) OR (%(none)s AND status_id IS NULL))
)
UPDATE business_cases c SET board_position = places.place
FROM places
WHERE c.company_id = %(company_id)s AND c.deleted_at IS NULL
    AND (c.status_id = ANY (%(status_ids)s::bigint[]) OR (%(none)s AND c.status_id IS NULL))
    AND c.id = places.id AND c.board_position <> places.place
"""
_FREE: Final = """
WITH moment AS (
    SELECT date_trunc('second', clock()) AS at
), freed AS (
    UPDATE business_cases c
    SET status_id = NULL, board_position = %(place)s + c.board_position, updated_at = moment.at
    FROM moment
    WHERE c.company_id = %(company_id)s AND c.deleted_at IS NULL AND c.status_id = %(status_id)s
    RETURNING c.id, c.board_position
)
SELECT id FROM freed ORDER BY board_position
"""
_PLACES: Final = """
SELECT id, status_id, board_position AS place FROM business_cases
WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
"""


class _Standing(Struct, frozen=True):
    id: int
    status_id: int | None
    place: int


class _Place(Struct, frozen=True):
    place: int


class _Freed(Struct, frozen=True):
    id: int


async def end_of_column(transaction: Transaction, status_id: int | None) -> int:
    """The place behind its last case: how many cases it has."""
    statement = _END_OF_NONE if status_id is None else _END_OF_STATUS
    return (await transaction.one(_Place, statement, status_id=status_id)).place


async def places_in_column(
    transaction: Transaction, status_id: int | None, case_ids: Sequence[int]
) -> dict[int | None, int]:
    """The places of those of the cases that stand in this column."""
    standing = await transaction.all(_Standing, _PLACES, ids=list(case_ids))
    return {case.id: case.place for case in standing if case.status_id == status_id}


async def shift(transaction: Transaction, status_id: int | None, *, first: int, last: int, by: int) -> None:
    """Moves the cases from `first` to `last`, both included, `by` places on."""
    statement = _SHIFT_IN_NONE if status_id is None else _SHIFT_IN_STATUS
    await transaction.run(statement, status_id=status_id, first=first, last=last, by=by)


async def close_columns(transaction: Transaction, status_ids: Sequence[int | None]) -> None:
    """Closes every gap in these columns; the order stays."""
    known = [status_id for status_id in status_ids if status_id is not None]
    await transaction.run(_CLOSE, status_ids=known, none=None in status_ids)


async def free_cases(transaction: Transaction, status_id: int) -> list[int]:
    """Puts the cases of a status, in their order, behind those without one; their ids."""
    place = await end_of_column(transaction, None)
    return [row.id for row in await transaction.all(_Freed, _FREE, status_id=status_id, place=place)]
