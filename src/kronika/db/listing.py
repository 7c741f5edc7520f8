"""Pages of long lists, as ids: along the index of the list's order, from whichever of its ends is nearer."""

from __future__ import annotations

from typing import LiteralString

from msgspec import Struct

from kronika.db.statements import Transaction

# An index of an array is an integer of 32 bits.
_BEYOND_ALL = 2_000_000_000


class Total(Struct, frozen=True):
    """The answer of a statement that counts."""

    total: int


class Matches(Struct, frozen=True):
    """How many rows a list has, and the ids of one page of them."""

    total: int
    ids: list[int]


class _Ids(Struct, frozen=True):
    ids: list[int]


class Slice(Struct, frozen=True):
    """`limit` rows after `offset`, counted from the end of the list where `reverse` is set."""

    offset: int
    limit: int
    reverse: bool


def nearest_slice(total: int, *, page: int, per_page: int) -> Slice:
    """The page (from 1) of a list of `total` rows; its rows come last one first when they are read in reverse.

    Passing over rows costs the database time for each: from the nearer end it is never more than half of them.
    """
    start = min((page - 1) * per_page, total)
    end = min(start + per_page, total)
    if start <= total - end:
        return Slice(start, end - start, reverse=False)
    return Slice(total - end, end - start, reverse=True)


def places_of(*, page: int, per_page: int) -> dict[str, int]:
    """`first` and `last` place of a page in an array, counted from 1."""
    first = min((page - 1) * per_page + 1, _BEYOND_ALL)
    return {"first": first, "last": first + per_page - 1}


def ordered(column: LiteralString, *, descending: bool) -> LiteralString:
    """The order by a column; between equals the id decides."""
    way: LiteralString = " DESC" if descending else ""
    return "id" + way if column == "id" else column + way + ", id" + way


async def ids_of_page(
    transaction: Transaction,
    rows: LiteralString,
    column: LiteralString,
    *,
    descending: bool,
    piece: Slice,
    values: dict[str, object],
) -> list[int]:
    """Ids of a piece of the rows (`FROM … WHERE …`), in the order of the column."""
    way = ordered(column, descending=descending != piece.reverse)
    statement = (
        "SELECT coalesce(array_agg(id ORDER BY place), '{}') AS ids FROM ("
        "SELECT id, row_number() OVER () AS place FROM (SELECT id"
        + rows
        + " ORDER BY "
        + way
        + " OFFSET %(offset)s LIMIT %(limit)s) page) placed"
    )
    found = await transaction.one(_Ids, statement, **values, offset=piece.offset, limit=piece.limit)
    return found.ids[::-1] if piece.reverse else found.ids
