from __future__ import annotations

from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.db.statements import Transaction
from kronika.statuses import queries
from kronika.statuses.models import NewStatus, StatusView


async def status_to_move(transaction: Transaction, status_id: int) -> StatusView | None:
    """The status; it and the board are held until the transaction ends."""
    await queries.lock_board(transaction)
    return await queries.lock_status(transaction, status_id)


async def create_status(transaction: Transaction, new: NewStatus, actor: Actor) -> StatusView:
    """A status, the last column of the board."""
    await queries.lock_board(transaction)
    status = await queries.insert_status(transaction, new)
    await record_change(transaction, "business-case-statuses.created", status.id, actor)
    return status


async def update_status(transaction: Transaction, status: StatusView, changed: NewStatus, actor: Actor) -> StatusView:
    """Gives a held status another name and colour. The same ones again are no change."""
    if (changed.name, changed.color) == (status.name, status.color):
        return status
    updated = await queries.update_status(transaction, status.id, changed)
    await record_change(transaction, "business-case-statuses.updated", status.id, actor)
    return updated


async def move_status(transaction: Transaction, status: StatusView, place: int | None, actor: Actor) -> StatusView:
    """Puts a status at this place on the board, counted from 0 and from the left; without one, and beyond the end, it
    is the last. The board is held (`status_to_move`).

    Only the moved one is announced: that others make way is no change of theirs.
    """
    before = [each.id for each in await queries.list_statuses(transaction)]
    order = [each for each in before if each != status.id]
    order.insert(len(order) if place is None else place, status.id)
    if order == before:
        return status
    await queries.order_statuses(transaction, order)
    await record_change(transaction, "business-case-statuses.updated", status.id, actor)
    return status
