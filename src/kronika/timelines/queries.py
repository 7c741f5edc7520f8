from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kronika.db.statements import Found, Transaction
from kronika.errors import Complaints
from kronika.input.fields import parse_integer
from kronika.input.normalise import Json
from kronika.timelines.models import TARGET_FIELDS, Target

_EXISTS: Final = """
SELECT EXISTS (
    SELECT FROM timelines WHERE company_id = %(company_id)s AND id = %(id)s AND kind = %(kind)s AND deleted_at IS NULL
) AS found
"""


async def target_exists(transaction: Transaction, target: Target) -> bool:
    return (await transaction.one(Found, _EXISTS, id=target.id, kind=target.kind)).found


async def judge_targets_exist(transaction: Transaction, payload: Mapping[str, Json], complaints: Complaints) -> None:
    """Complains about those that are named and are not there; nothing is said twice of one field."""
    for field, kind in TARGET_FIELDS.items():
        target_id = parse_integer(payload.get(field))
        if target_id is None or field in complaints:
            continue
        if not await target_exists(transaction, Target(kind, target_id)):
            complaints.add(field, "unknown")
