"""Statements on documents. Whoever locks several does so in the order of their ids, and before any timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec
from msgspec import Struct

from kronika.db.statements import Transaction
from kronika.documents.models import Document, DocumentType, Key, Said
from kronika.encoding import json_bytes

_COLUMNS: Final = """
    type, document_id, number, name, issue_date, due_date, contact_kind, contact_id, business_case_id,
    total, currency_id, currency_rate
"""
STORED: Final[LiteralString] = (
    "id, gone_case_id, paid, payments, to_be_paid, is_open, created_at, updated_at," + _COLUMNS
)
SHOWN: Final[LiteralString] = "clock() AS seen_at, " + STORED
# What the feed says, many documents in one parameter.
_SAID: Final = """
json_to_recordset(%(said)s::json) AS said (
    id bigint, type text, document_id bigint, number text, name text, issue_date date, due_date date,
    contact_kind contact_kind, contact_id bigint, business_case_id bigint,
    total numeric, currency_id smallint, currency_rate numeric)
"""
_FIND: Final = (
    "SELECT "
    + SHOWN
    + """FROM documents
WHERE company_id = %(company_id)s AND type = %(type)s AND document_id = %(document_id)s AND deleted_at IS NULL
"""
)
_LOCK: Final = _FIND + " FOR NO KEY UPDATE"
# A look-up for each key (OFFSET 0 keeps it one), however many there are: the planner would rather read the whole table.
_OF_KEYS: Final[LiteralString] = """
FROM unnest(%(types)s::text[], %(document_ids)s::bigint[]) AS wanted (wanted_type, wanted_id)
CROSS JOIN LATERAL (
    SELECT * FROM documents
    WHERE company_id = %(company_id)s AND type = wanted_type AND document_id = wanted_id AND deleted_at IS NULL
    OFFSET 0) document
"""
_BY_KEYS: Final = "SELECT " + SHOWN + _OF_KEYS
_LOCK_BY_KEYS: Final = (
    "WITH found AS MATERIALIZED (SELECT wanted_type, wanted_id"
    + _OF_KEYS
    + "ORDER BY id) SELECT "
    + SHOWN
    + """FROM found
CROSS JOIN LATERAL (
    SELECT * FROM documents
    WHERE company_id = %(company_id)s AND type = wanted_type AND document_id = wanted_id AND deleted_at IS NULL
    FOR NO KEY UPDATE) document
"""
)
_INSERT: Final = (
    "INSERT INTO documents (company_id, created_at, updated_at,"
    + _COLUMNS
    + ") SELECT %(company_id)s, date_trunc('second', clock()), date_trunc('second', clock()),"
    + _COLUMNS
    + "FROM "
    + _SAID
    # In one order, so that two who insert the same documents cannot each wait for the other.
    + """ORDER BY type, document_id
ON CONFLICT (company_id, type, document_id) WHERE deleted_at IS NULL DO NOTHING
RETURNING """
    + SHOWN
)
# One by one: joined with many, the planner would rather read the whole table.
_UPDATE: Final = (
    """
UPDATE documents SET updated_at = date_trunc('second', clock()),
    number = %(number)s, name = %(name)s, issue_date = %(issue_date)s, due_date = %(due_date)s,
    contact_kind = %(contact_kind)s, contact_id = %(contact_id)s, business_case_id = %(business_case_id)s,
    total = %(total)s, currency_id = %(currency_id)s, currency_rate = %(currency_rate)s
WHERE company_id = %(company_id)s AND id = %(id)s RETURNING """
    + SHOWN
)
_LOCK_OF_CONTACT: Final = """
SELECT id, type, document_id, is_open FROM documents
WHERE company_id = %(company_id)s AND contact_id = %(contact_id)s AND is_living
ORDER BY id FOR NO KEY UPDATE
"""
_DELETE: Final = """
UPDATE documents SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[])
"""
_FREE_OF_CASE: Final[LiteralString] = (
    """
WITH held AS (
    SELECT id FROM documents
    WHERE company_id = %(company_id)s AND business_case_id = %(case_id)s AND is_living
    ORDER BY id FOR NO KEY UPDATE
), freed AS (
    UPDATE documents
    SET business_case_id = NULL, gone_case_id = business_case_id, updated_at = date_trunc('second', clock())
    WHERE company_id = %(company_id)s AND id = ANY (ARRAY(SELECT id FROM held))
    RETURNING """
    + SHOWN
    + """
)
SELECT * FROM freed ORDER BY id
"""
)
_COUNT: Final = """
SELECT count_documents(%(company_id)s, %(types)s::text[], %(opens)s::boolean[], %(bys)s::integer[])
"""


class Known(Struct, frozen=True):
    """The little that is needed of a document to take it away."""

    id: int
    type: DocumentType
    document_id: int
    is_open: bool


async def find_document(transaction: Transaction, key: Key) -> Document | None:
    return await transaction.maybe(Document, _FIND, type=key[0], document_id=key[1])


async def lock_document(transaction: Transaction, key: Key) -> Document | None:
    """The document, held until the transaction ends."""
    return await transaction.maybe(Document, _LOCK, type=key[0], document_id=key[1])


async def documents_by_keys(transaction: Transaction, keys: Sequence[Key]) -> list[Document]:
    return await transaction.all(Document, _BY_KEYS, **_arrays(keys))


async def lock_documents(transaction: Transaction, keys: Sequence[Key]) -> list[Document]:
    """Those that are there, held until the transaction ends."""
    return await transaction.all(Document, _LOCK_BY_KEYS, **_arrays(keys))


async def insert_documents(transaction: Transaction, said: Sequence[Said]) -> list[Document]:
    """The new documents; without those that somebody else has made meanwhile."""
    return await transaction.all(Document, _INSERT, said=json_bytes(said).decode()) if said else []


async def update_documents(transaction: Transaction, changes: Sequence[tuple[Document, Said]]) -> list[Document]:
    """Held documents as they are said to be."""
    rows = [{"id": document.id, **msgspec.structs.asdict(said)} for document, said in changes]
    return await transaction.each(Document, _UPDATE, rows) if rows else []


async def lock_documents_of(transaction: Transaction, contact_id: int) -> list[Known]:
    """All living documents of a contact, held until the transaction ends."""
    return await transaction.all(Known, _LOCK_OF_CONTACT, contact_id=contact_id)


async def delete_documents(transaction: Transaction, ids: Sequence[int]) -> None:
    """Their payments and their counts are the caller's."""
    await transaction.run(_DELETE, ids=list(ids))


async def free_documents_of(transaction: Transaction, case_id: int) -> list[Document]:
    """Those that belonged to a business case, and do no longer."""
    return await transaction.all(Document, _FREE_OF_CASE, case_id=case_id)


async def count_documents(
    transaction: Transaction, *, gone: Sequence[Document | Known] = (), come: Sequence[Document | Known] = ()
) -> None:
    """Counts documents out as they were, and in as they are."""
    counted = [*((document, -1) for document in gone), *((document, 1) for document in come)]
    if counted:
        await transaction.run(
            _COUNT,
            types=[document.type for document, _ in counted],
            opens=[document.is_open for document, _ in counted],
            bys=[by for _, by in counted],
        )


def _arrays(keys: Sequence[Key]) -> dict[str, object]:
    return {"types": [each for each, _ in keys], "document_ids": [each for _, each in keys]}
