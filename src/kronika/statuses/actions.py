from __future__ import annotations

from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.db.statements import Transaction
from kronika.statuses import queries
from kronika.statuses.models import NewStatus, StatusView


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
