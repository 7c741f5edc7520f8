from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, LiteralString

import msgspec
from msgspec import Struct

from kronika.changes.models import Actor
from kronika.db.statements import Transaction
from kronika.documents.models import Document
from kronika.documents.payments import Payment
from kronika.documents.queries import SHOWN as DOCUMENT_SHOWN

_SHOWN: Final[LiteralString] = """
    p.id, p.document_id AS document, d.type AS document_type, d.document_id, p.payment_method_id, p.currency_id,
    p.currency_rate, p.payment_date, p.amount, p.settled
"""
_WITH_DOCUMENT: Final[LiteralString] = """
JOIN documents d ON d.company_id = p.company_id AND d.id = p.document_id
"""
# By its id alone (OFFSET 0), so that there is one index to find it by: see migration 0015.
_FIND: Final = (
    "SELECT"
    + _SHOWN
    + "FROM (SELECT * FROM document_payments WHERE company_id = %(company_id)s AND id = %(id)s OFFSET 0) p"
    + _WITH_DOCUMENT
    + "WHERE p.deleted_at IS NULL"
)
_LIST: Final = (
    "SELECT"
    + _SHOWN
    + "FROM document_payments p"
    + _WITH_DOCUMENT
    + """WHERE p.company_id = %(company_id)s AND p.document_id = %(document)s AND p.deleted_at IS NULL
ORDER BY p.payment_date DESC, p.id DESC
"""
)
_INSERT: Final = (
    """
WITH p AS (
    INSERT INTO document_payments (company_id, document_id, payment_method_id, currency_id, currency_rate,
                                   payment_date, amount, settled, created_by, created_by_id)
    VALUES (%(company_id)s, %(document)s, %(payment_method_id)s, %(currency_id)s, %(currency_rate)s,
            %(payment_date)s, %(amount)s, %(settled)s, %(actor)s::text::actor_kind, %(actor_id)s::bigint)
    RETURNING *
)
SELECT"""
    + _SHOWN
    + "FROM p"
    + _WITH_DOCUMENT
)
_SETTLE: Final = (
    """
UPDATE documents SET paid = paid + %(settled)s, payments = payments + %(by)s
WHERE company_id = %(company_id)s AND id = %(document)s
RETURNING """
    + DOCUMENT_SHOWN
)
_DELETE: Final = """
UPDATE document_payments SET deleted_at = clock() WHERE company_id = %(company_id)s AND id = %(id)s
"""
_DELETE_OF_DOCUMENTS: Final = """
WITH gone AS (
    UPDATE document_payments SET deleted_at = clock()
    WHERE company_id = %(company_id)s AND document_id = ANY (%(documents)s::bigint[]) AND deleted_at IS NULL
    RETURNING id
)
SELECT coalesce(array_agg(id ORDER BY id), '{}') AS ids FROM gone
"""


class NewPayment(Struct, frozen=True, kw_only=True):
    """A payment to record; `document` is the document's own id."""

    document: int
    payment_method_id: int
    currency_id: int
    currency_rate: Decimal
    payment_date: date
    amount: Decimal
    settled: Decimal


class _Ids(Struct, frozen=True):
    ids: list[int]


async def find_payment(transaction: Transaction, payment_id: int) -> Payment | None:
    return await transaction.maybe(Payment, _FIND, id=payment_id)


async def payments_of(transaction: Transaction, document: Document) -> list[Payment]:
    """The newest first."""
    return await transaction.all(Payment, _LIST, document=document.id)


async def insert_payment(transaction: Transaction, new: NewPayment, actor: Actor) -> Payment:
    values = msgspec.structs.asdict(new)
    return await transaction.one(Payment, _INSERT, **values, actor=actor.kind, actor_id=actor.id)


async def settle(transaction: Transaction, document: Document, settled: Decimal, *, by: int) -> Document:
    """A held document with so much more paid, by one payment more or less."""
    return await transaction.one(Document, _SETTLE, document=document.id, settled=settled, by=by)


async def delete_payment(transaction: Transaction, payment_id: int) -> None:
    await transaction.run(_DELETE, id=payment_id)


async def delete_payments_of(transaction: Transaction, document_ids: Sequence[int]) -> list[int]:
    """The ids of the living payments that documents had."""
    return (await transaction.one(_Ids, _DELETE_OF_DOCUMENTS, documents=list(document_ids))).ids
