from __future__ import annotations

from typing import Final

from kronika.cases.models import Case, NewCase
from kronika.db.statements import Transaction

_INSERT: Final = """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) VALUES (%(company_id)s, 'business_case') RETURNING id
), place AS (
    SELECT coalesce(max(board_position) + 1, 0) AS next FROM business_cases
    WHERE company_id = %(company_id)s AND status_id IS NOT DISTINCT FROM %(status_id)s::bigint AND deleted_at IS NULL
), moment AS (
    SELECT date_trunc('second', clock()) AS at
), inserted AS (
    INSERT INTO business_cases (company_id, id, contact_id, status_id, board_position, name, description,
                                created_at, updated_at)
    SELECT %(company_id)s, timeline.id, %(contact_id)s, %(status_id)s, place.next, %(name)s, %(description)s,
        moment.at, moment.at
    FROM timeline, place, moment
    RETURNING *
)
SELECT c.id, %(contact_kind)s AS contact_kind, c.contact_id, c.status_id, s.name AS status_name,
    s.color AS status_color, c.board_position, c.name, c.description, c.created_at, c.updated_at
FROM inserted c
LEFT JOIN business_case_statuses s ON s.company_id = c.company_id AND s.id = c.status_id
"""

_FIND: Final = """
SELECT c.id, k.kind AS contact_kind, c.contact_id, c.status_id, s.name AS status_name, s.color AS status_color,
    c.board_position, c.name, c.description, c.created_at, c.updated_at
FROM business_cases c
JOIN contacts k ON k.company_id = c.company_id AND k.id = c.contact_id AND k.deleted_at IS NULL
LEFT JOIN business_case_statuses s ON s.company_id = c.company_id AND s.id = c.status_id
WHERE c.company_id = %(company_id)s AND c.id = %(id)s AND c.deleted_at IS NULL
"""


async def insert_case(transaction: Transaction, new: NewCase) -> Case:
    return await transaction.one(
        Case,
        _INSERT,
        contact_kind=new.contact_kind,
        contact_id=new.contact_id,
        status_id=new.status_id,
        name=new.name,
        description=new.description,
    )


async def find_case(transaction: Transaction, case_id: int) -> Case | None:
    return await transaction.maybe(Case, _FIND, id=case_id)
