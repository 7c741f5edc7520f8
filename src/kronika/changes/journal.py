"""The journal of a company: its changes in one order, and a cursor behind which nothing appears any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from msgspec import Struct, field

from kronika.changes.types import resource_type
from kronika.db.statements import Transaction

T = TypeVar("T")

# So many changes are looked at for one answer, however few of them are of the wanted types.
_MOST_LOOKED_AT: Final = 10_000
_READ: Final = """
WITH looked AS MATERIALIZED (
    SELECT position, id, type, resource_id, occurred_at FROM changes
    WHERE company_id = %(company_id)s AND position > %(after)s AND position <= %(upto)s
    ORDER BY position LIMIT %(most)s
)
SELECT position, id, type, resource_id, occurred_at,
    (SELECT count(*) FROM looked) AS looked, (SELECT max(position) FROM looked) AS last
FROM looked WHERE %(types)s::text[] IS NULL OR type = ANY (%(types)s::text[])
ORDER BY position LIMIT %(limit)s
"""
_LOOKED: Final = """
SELECT count(*) AS looked, max(position) AS last FROM (
    SELECT position FROM changes
    WHERE company_id = %(company_id)s AND position > %(after)s AND position <= %(upto)s
    ORDER BY position LIMIT %(most)s) looked
"""
_LAST_DRAWN: Final = """
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS position FROM change_positions
"""
_SWEPT: Final = "SELECT changes_swept AS swept FROM companies WHERE id = %(company_id)s"


class Change(Struct, frozen=True):
    position: int
    id: UUID
    type: str
    resource_id: int
    occurred_at: datetime
    looked: int
    last: int


class _Looked(Struct, frozen=True):
    looked: int
    last: int | None


class _Position(Struct, frozen=True):
    position: int


class _Swept(Struct, frozen=True):
    swept: int


class Piece(Struct, frozen=True):
    """Changes after a cursor, and the cursor to go on from; `more`: it can be asked again at once."""

    changes: list[Change]
    next: int
    more: bool
    _found: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    def behind(self, cursor: int) -> Piece:
        """What of it comes behind a cursor."""
        if not self.changes or self.changes[0].position > cursor:
            return self
        return Piece([change for change in self.changes if change.position > cursor], self.next, self.more)

    async def once(self, what: str, find: Callable[[Piece], Coroutine[Any, Any, T]]) -> T:
        """What `find` makes of the piece, found once for all who are told of it.

        Raises as it does.
        """
        task: asyncio.Task[T] | None = self._found.get(what)
        if task is None:
            task = self._found[what] = asyncio.create_task(find(self))
            # Whoever asked may have gone.
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(task)


class ResourceView(Struct, frozen=True):
    type: str
    id: int


class ChangeView(Struct, frozen=True, rename="camel"):
    """A change as webhooks, stream and journal tell it: what happened to what, and not what it looks like now."""

    id: str
    type: str
    occurred_at: str
    resource: ResourceView


async def read_journal(
    transaction: Transaction, *, after: int, upto: int, limit: int, types: list[str] | None = None
) -> Piece:
    """Changes behind `after`, up to the horizon `upto`."""
    values = {"after": after, "upto": upto, "most": _MOST_LOOKED_AT if types else limit}
    changes = await transaction.all(Change, _READ, **values, limit=limit, types=types)
    if len(changes) == limit:
        return Piece(changes, changes[-1].position, more=True)
    if types:
        looked = changes[0] if changes else await transaction.one(_Looked, _LOOKED, **values)
        if looked.looked == values["most"] and looked.last is not None:
            return Piece(changes, looked.last, more=True)
    # All there are up to the horizon: what comes next comes behind it.
    return Piece(changes, max(after, upto), more=False)


async def last_drawn(transaction: Transaction) -> int:
    """A position that nothing is behind that has been committed."""
    return (await transaction.one(_Position, _LAST_DRAWN)).position


async def swept_up_to(transaction: Transaction) -> int:
    """The position up to which the company's changes have been swept away; 0: none were."""
    return (await transaction.one(_Swept, _SWEPT)).swept


def change_view(change: Change) -> ChangeView:
    return told(change.id, change.type, change.resource_id, change.occurred_at)


def told(change_id: UUID, change_type: str, resource_id: int, occurred_at: datetime) -> ChangeView:
    """A change by its values, as it is told everywhere."""
    return ChangeView(
        str(change_id),
        change_type,
        occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ResourceView(resource_type(change_type), resource_id),
    )
