from __future__ import annotations

from typing import Final

from kronika.db.statements import Transaction
from kronika.statuses.models import NewStatus, StatusView

# Who appends to the board or moves things on it reads what is there first: two at once would give one place twice.
_LOCK_BOARD: Final = "SELECT pg_advisory_xact_lock(hashtextextended('board ' || %(company_id)s, 0))"

_LIST: Final = """
SELECT id, name, color FROM business_case_statuses
WHERE company_id = %(company_id)s AND deleted_at IS NULL
ORDER BY position, id
"""
_INSERT: Final = """
INSERT INTO business_case_statuses (company_id, name, color, position)
SELECT %(company_id)s, %(name)s, %(color)s, coalesce(max(position) + 1, 0) FROM business_case_statuses
WHERE company_id = %(company_id)s AND deleted_at IS NULL
RETURNING id, name, color
"""
_FIND: Final = """
SELECT id, name, color FROM business_case_statuses
WHERE company_id = %(company_id)s AND id = %(id)s AND deleted_at IS NULL
"""
_LOCK: Final = _FIND + "FOR NO KEY UPDATE"
_UPDATE: Final = """
UPDATE business_case_statuses SET name = %(name)s, color = %(color)s
WHERE company_id = %(company_id)s AND id = %(id)s
RETURNING id, name, color
"""
_DELETE: Final = """
UPDATE business_case_statuses SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = %(id)s
"""
# Deleted ones leave gaps; whoever puts them in another order closes these.
_ORDER: Final = """
UPDATE business_case_statuses s SET position = wanted.place - 1
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
WHERE s.company_id = %(company_id)s AND s.id = wanted.id AND s.position <> wanted.place - 1
"""


async def lock_board(transaction: Transaction) -> None:
    """Keeps the company's board, its columns and the places of their cases, for this transaction alone.

    To be taken first: before anything is read that the transaction relies on, and before any row is locked.
    """
    await transaction.run(_LOCK_BOARD)


async def list_statuses(transaction: Transaction) -> list[StatusView]:
    """All of them, in the order of the board."""
    return await transaction.all(StatusView, _LIST)


async def insert_status(transaction: Transaction, new: NewStatus) -> StatusView:
    """Stands behind all others."""
    return await transaction.one(StatusView, _INSERT, name=new.name, color=new.color)


async def find_status(transaction: Transaction, status_id: int) -> StatusView | None:
    return await transaction.maybe(StatusView, _FIND, id=status_id)


async def lock_status(transaction: Transaction, status_id: int) -> StatusView | None:
    """The status, held until the transaction ends."""
    return await transaction.maybe(StatusView, _LOCK, id=status_id)


async def update_status(transaction: Transaction, status_id: int, changed: NewStatus) -> StatusView:
    """The status as it is now."""
    return await transaction.one(StatusView, _UPDATE, id=status_id, name=changed.name, color=changed.color)


async def order_statuses(transaction: Transaction, status_ids: list[int]) -> None:
    """Puts all of a company's columns in this order. The board is held."""
    await transaction.run(_ORDER, ids=status_ids)


async def delete_status(transaction: Transaction, status_id: int) -> None:
    """A column that no case stands in any more: see `cases.actions.remove_status`."""
    await transaction.run(_DELETE, id=status_id)
