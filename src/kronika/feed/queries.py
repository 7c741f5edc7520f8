"""What a document names, held so that it stays while the document is written.

The order of locks: contacts, cases, documents (`documents/queries.py`), timelines.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from kronika.contacts.models import ContactKind
from kronika.db.statements import Transaction

# FOR SHARE: many may name the same contact at once, and nobody can delete it meanwhile.
_HOLD_CONTACTS: Final = """
SELECT id, kind FROM contacts
WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
ORDER BY id FOR SHARE
"""
_HOLD_CASES: Final = """
SELECT id, contact_id FROM business_cases
WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
ORDER BY id FOR SHARE
"""


class _Contact(Struct, frozen=True):
    id: int
    kind: ContactKind


class _Case(Struct, frozen=True):
    id: int
    contact_id: int


async def hold_contacts(transaction: Transaction, ids: Collection[int]) -> dict[int, ContactKind]:
    """Those that are there, with their kind, by id."""
    rows = await transaction.all(_Contact, _HOLD_CONTACTS, ids=list(ids))
    return {row.id: row.kind for row in rows}


async def hold_cases(transaction: Transaction, ids: Collection[int]) -> dict[int, int]:
    """Those that are there, with their contact, by id."""
    rows = await transaction.all(_Case, _HOLD_CASES, ids=list(ids)) if ids else []
    return {row.id: row.contact_id for row in rows}
