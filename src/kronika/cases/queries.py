from __future__ import annotations

from typing import Final, LiteralString

from msgspec import Struct

from kronika.cases.models import Case, Changeable, NewCase
from kronika.db.statements import Transaction

SHOWN: Final[LiteralString] = """
    c.id, k.kind AS contact_kind, c.contact_id, c.status_id, s.name AS status_name, s.color AS status_color,
    c.board_position, c.name, c.description, c.created_at, c.updated_at
"""
WITH_CONTACT_AND_STATUS: Final[LiteralString] = """
JOIN contacts k ON k.company_id = c.company_id AND k.id = c.contact_id AND k.deleted_at IS NULL
LEFT JOIN business_case_statuses s ON s.company_id = c.company_id AND s.id = c.status_id
"""
_INSERT: Final = (
    """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) VALUES (%(company_id)s, 'business_case') RETURNING id
), moment AS (
    SELECT date_trunc('second', clock()) AS at
), c AS (
    INSERT INTO business_cases (company_id, id, contact_id, status_id, board_position, name, description,
                                created_at, updated_at)
    SELECT %(company_id)s, timeline.id, %(contact_id)s, %(status_id)s, %(place)s, %(name)s, %(description)s,
        moment.at, moment.at
    FROM timeline, moment
    RETURNING *
)
SELECT """
    + SHOWN
    + "FROM c"
    + WITH_CONTACT_AND_STATUS
)
_FIND: Final = (
    "SELECT "
    + SHOWN
    + "FROM business_cases c"
    + WITH_CONTACT_AND_STATUS
    + "WHERE c.company_id = %(company_id)s AND c.id = %(id)s AND c.deleted_at IS NULL"
)
_UPDATE: Final = (
    """
WITH c AS (
    UPDATE business_cases
    SET name = %(name)s, description = %(description)s, status_id = %(status_id)s, board_position = %(place)s,
        updated_at = date_trunc('second', clock())
    WHERE company_id = %(company_id)s AND id = %(id)s
    RETURNING *
)
SELECT """
    + SHOWN
    + "FROM c"
    + WITH_CONTACT_AND_STATUS
)
_DELETE: Final = """
UPDATE business_cases SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = %(id)s
"""
# FOR UPDATE: also against those who only see to it that they stay (FOR KEY SHARE).
_LOCK_TO_DELETE: Final = """
SELECT id, status_id FROM business_cases
WHERE company_id = %(company_id)s AND id = %(id)s AND deleted_at IS NULL FOR UPDATE
"""
_DELETE_OF_CONTACT: Final = """
WITH held AS (
    SELECT id FROM business_cases
    WHERE company_id = %(company_id)s AND contact_id = %(contact_id)s AND deleted_at IS NULL
    ORDER BY id FOR UPDATE
), gone AS (
    UPDATE business_cases SET deleted_at = clock()
    WHERE company_id = %(company_id)s AND id = ANY (ARRAY(SELECT id FROM held))
    RETURNING id, status_id
)
SELECT id, status_id FROM gone ORDER BY id
"""


class Gone(Struct, frozen=True):
    """A case that was deleted, and the column it stood in."""

    id: int
    status_id: int | None


async def insert_case(transaction: Transaction, new: NewCase, place: int) -> Case:
    """A case with its empty timeline, at a place in its column that nobody has."""
    return await transaction.one(
        Case,
        _INSERT,
        contact_id=new.contact_id,
        status_id=new.status_id,
        place=place,
        name=new.name,
        description=new.description,
    )


async def find_case(transaction: Transaction, case_id: int) -> Case | None:
    return await transaction.maybe(Case, _FIND, id=case_id)


async def update_case(transaction: Transaction, case_id: int, wanted: Changeable, place: int) -> Case:
    """The case as it is now."""
    return await transaction.one(
        Case,
        _UPDATE,
        id=case_id,
        name=wanted.name,
        description=wanted.description,
        status_id=wanted.status_id,
        place=place,
    )


async def lock_case_to_delete(transaction: Transaction, case_id: int) -> None:
    """Holds a case, which nobody who is writing names any more."""
    await transaction.maybe(Gone, _LOCK_TO_DELETE, id=case_id)


async def delete_case(transaction: Transaction, case_id: int) -> None:
    """Leaves a gap in its column."""
    await transaction.run(_DELETE, id=case_id)


async def delete_cases_of(transaction: Transaction, contact_id: int) -> list[Gone]:
    """Deletes the living cases of a contact, and leaves gaps in their columns."""
    return await transaction.all(Gone, _DELETE_OF_CONTACT, contact_id=contact_id)
