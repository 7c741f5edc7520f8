"""What a document names, held so that it stays while the document is written.

The order of locks: contacts, cases, documents (`documents/queries.py`), timelines.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from kronika.contacts.models import ContactKind
from kronika.db.statements import Transaction

# FOR KEY SHARE: many may name the same contact or case at once, others may change it or move it on the board, and
# nobody can delete it meanwhile (who deletes takes it FOR UPDATE).
_HOLD_CONTACTS: Final = """
SELECT id, kind FROM contacts
WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
ORDER BY id FOR KEY SHARE
"""
_HOLD_CASES: Final = """
SELECT id, contact_id FROM business_cases
WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[]) AND deleted_at IS NULL
ORDER BY id FOR KEY SHARE
"""
# By index, a name at a time. What sorts between a folded name with its tab and the same with the next character behind
# it has this folded name, or a longer one that begins with it.
_CALLED: Final = """
SELECT called.name, found.id FROM unnest(%(names)s::text[]) AS called (name), LATERAL (
    SELECT id FROM contacts
    WHERE company_id = %(company_id)s AND subject_id = called.name AND kind_number = %(kind)s AND deleted_at IS NULL
    UNION
    SELECT id FROM contacts
    WHERE company_id = %(company_id)s AND tax_id = called.name AND kind_number = %(kind)s AND deleted_at IS NULL
    UNION
    SELECT id FROM contacts
    WHERE company_id = %(company_id)s AND vat_id = called.name AND kind_number = %(kind)s AND deleted_at IS NULL
    UNION
    SELECT id FROM contacts
    WHERE company_id = %(company_id)s AND kind_number = %(kind)s AND deleted_at IS NULL
        AND sort_name >= left(folded(called.name), 200) || E'\t' AND sort_name < left(folded(called.name), 200) || E'\n'
        AND folded(name) = folded(called.name)
    LIMIT 2
) found
"""
_KIND_NUMBERS: Final[dict[ContactKind, int]] = {"client": 1, "supplier": 2}


class _Called(Struct, frozen=True):
    name: str
    id: int


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


async def contacts_called(transaction: Transaction, kind: ContactKind, names: Collection[str]) -> dict[str, list[int]]:
    """The living contacts of a kind, by what they are called: a subject, tax or VAT id, or a name, case and diacritics
    aside. Of several, two.
    """
    rows = await transaction.all(_Called, _CALLED, names=list(names), kind=_KIND_NUMBERS[kind]) if names else []
    found: dict[str, list[int]] = {name: [] for name in names}
    for row in rows:
        found[row.name].append(row.id)
    return found
