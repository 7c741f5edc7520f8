"""The board as it is shown: how many cases its columns have, and the cards of a piece of each.

Places count from 0 without gaps, so a piece of a column is a range of an index, however long the column is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from kronika.cases.list_queries import SIZE
from kronika.db.statements import Transaction

_SIZES: Final = (
    "SELECT s.id AS status_id, coalesce(("
    + SIZE.format("= s.id")
    + """), 0) AS size
FROM business_case_statuses s WHERE s.company_id = %(company_id)s AND s.deleted_at IS NULL
UNION ALL SELECT NULL, coalesce(("""
    + SIZE.format("IS NULL")
    + "), 0)"
)
# A look-up of each contact: who reads some cards of a large company must not read all its contacts.
_CARDS: Final = """
SELECT c.id, c.status_id, c.contact_id, c.name, c.updated_at, (
    SELECT name FROM contacts WHERE company_id = %(company_id)s AND id = c.contact_id
) AS contact_name
FROM unnest(%(status_ids)s::bigint[], %(lengths)s::int[]) AS piece (status_id, length)
CROSS JOIN LATERAL (
    SELECT id, status_id, contact_id, name, updated_at, board_position FROM business_cases
    WHERE company_id = %(company_id)s AND deleted_at IS NULL AND status_id = piece.status_id
        AND board_position < piece.length
    UNION ALL
    SELECT id, status_id, contact_id, name, updated_at, board_position FROM business_cases
    WHERE company_id = %(company_id)s AND deleted_at IS NULL AND status_id IS NULL AND piece.status_id IS NULL
        AND board_position < piece.length
) c
ORDER BY c.board_position
"""
_COLUMNS: Final = """
SELECT DISTINCT status_id FROM business_cases WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[])
"""


class ColumnSize(Struct, frozen=True):
    """How many cases a column has; None: that of cases without a status."""

    status_id: int | None
    size: int


class Card(Struct, frozen=True):
    """What the board shows of a case."""

    id: int
    status_id: int | None
    contact_id: int
    contact_name: str
    name: str
    updated_at: datetime


class _Column(Struct, frozen=True):
    status_id: int | None


async def column_sizes(transaction: Transaction) -> dict[int | None, int]:
    """Of all columns."""
    return {each.status_id: each.size for each in await transaction.all(ColumnSize, _SIZES)}


async def first_cards(transaction: Transaction, pieces: dict[int | None, int]) -> list[Card]:
    """The cards of so many first places of each of these columns, in the order of their places."""
    return await transaction.all(Card, _CARDS, status_ids=list(pieces), lengths=list(pieces.values()))


async def columns_of_cases(transaction: Transaction, case_ids: Sequence[int]) -> list[int | None]:
    """The columns in which these cases stand, or stood when they were deleted."""
    return [row.status_id for row in await transaction.all(_Column, _COLUMNS, ids=list(case_ids))]
