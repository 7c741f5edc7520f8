"""Payments of a document as people read them: with who recorded each, and when."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from kronika.changes.models import ActorKind
from kronika.db.statements import Transaction
from kronika.documents.models import Document

_LIST: Final = """
WITH payments AS MATERIALIZED (
    SELECT * FROM document_payments
    WHERE company_id = %(company_id)s AND document_id = %(document)s AND deleted_at IS NULL
), users AS MATERIALIZED (
    SELECT * FROM names_of_users(ARRAY(SELECT DISTINCT created_by_id FROM payments WHERE created_by = 'user'))
)
SELECT p.id, p.payment_method_id, p.currency_id, p.currency_rate, p.payment_date, p.amount, p.settled, p.created_at,
    p.created_by::text AS by, p.created_by_id AS by_id,
    CASE p.created_by WHEN 'user' THEN u.name WHEN 'token' THEN t.name END AS author
FROM payments p
LEFT JOIN users u ON p.created_by = 'user' AND u.user_id = p.created_by_id
LEFT JOIN tokens t ON p.created_by = 'token' AND t.company_id = %(company_id)s AND t.id = p.created_by_id
ORDER BY p.payment_date DESC, p.id DESC
"""


class ToldPayment(Struct, frozen=True):
    """A payment. `settled`: its amount in the document's currency; `author`: the name of the user or the token that
    recorded it. Nobody knows `by` of one from before it was kept.
    """

    id: int
    payment_method_id: int
    currency_id: int
    currency_rate: Decimal
    payment_date: date
    amount: Decimal
    settled: Decimal
    created_at: datetime
    by: ActorKind | None
    by_id: int | None
    author: str | None


async def told_payments_of(transaction: Transaction, document: Document) -> list[ToldPayment]:
    """The newest first."""
    return await transaction.all(ToldPayment, _LIST, document=document.id)
