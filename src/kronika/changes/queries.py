"""The INSERTs of change records outside the hot path's own function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kronika.changes.models import Actor
from kronika.db.statements import Transaction

_INSERT: Final = """
INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
VALUES (%(company_id)s, %(type)s, %(resource_id)s, %(actor)s, %(actor_id)s)
"""
_INSERT_MANY: Final = """
INSERT INTO changes (company_id, type, resource_id, actor, actor_id)
SELECT %(company_id)s, change.type, change.resource_id, %(actor)s::text::actor_kind, %(actor_id)s::bigint
FROM unnest(%(types)s::text[], %(resource_ids)s::bigint[]) WITH ORDINALITY change (type, resource_id, n)
ORDER BY change.n
"""


async def record_change(transaction: Transaction, change_type: str, resource_id: int, actor: Actor) -> None:
    """Records `clients.created` and its like in the transaction of the change itself."""
    transaction.has_changed = True
    await transaction.run(_INSERT, type=change_type, resource_id=resource_id, actor=actor.kind, actor_id=actor.id)


async def record_changes(transaction: Transaction, changes: Sequence[tuple[str, int]], actor: Actor) -> None:
    """Records changes, each of a type and of a resource, in their order."""
    if changes:
        transaction.has_changed = True
        await transaction.run(
            _INSERT_MANY,
            types=[change_type for change_type, _ in changes],
            resource_ids=[resource_id for _, resource_id in changes],
            actor=actor.kind,
            actor_id=actor.id,
        )
