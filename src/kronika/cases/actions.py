from __future__ import annotations

from kronika.cases import queries
from kronika.cases.models import Case, NewCase
from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.db.statements import Transaction


async def create_case(transaction: Transaction, new: NewCase, actor: Actor) -> Case:
    """A business case, last in its column, with its empty timeline.

    The caller has looked at contact and status, and has locked the board before (`lock_board`).
    """
    case = await queries.insert_case(transaction, new)
    await record_change(transaction, "business-cases.created", case.id, actor)
    return case
