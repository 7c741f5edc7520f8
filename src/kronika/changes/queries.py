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
SELECT %(company_id)s, %(type)s, resource.id, %(actor)s::text::actor_kind, %(actor_id)s::bigint
FROM unnest(%(resource_ids)s::bigint[]) WITH ORDINALITY resource (id, n) ORDER BY resource.n
"""


async def record_change(transaction: Transaction, change_type: str, resource_id: int, actor: Actor) -> None:
    """Records `clients.created` and its like in the transaction of the change itself."""
    await transaction.run(_INSERT, type=change_type, resource_id=resource_id, actor=actor.kind, actor_id=actor.id)


async def record_changes(transaction: Transaction, change_type: str, resource_ids: Sequence[int], actor: Actor) -> None:
    """Records one change of each of these, in their order."""
    await transaction.run(
        _INSERT_MANY, type=change_type, resource_ids=list(resource_ids), actor=actor.kind, actor_id=actor.id
    )
