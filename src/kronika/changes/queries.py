"""The one INSERT of change records outside the hot path's own function."""

from __future__ import annotations

from kronika.changes.models import Actor
from kronika.db.statements import Transaction

_INSERT = """
INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
VALUES (%(company_id)s, %(type)s, %(resource_id)s, %(actor)s, %(actor_id)s)
"""


async def record_change(transaction: Transaction, change_type: str, resource_id: int, actor: Actor) -> None:
    """Records `clients.created` and its like in the transaction of the change itself."""
    await transaction.run(_INSERT, type=change_type, resource_id=resource_id, actor=actor.kind, actor_id=actor.id)
