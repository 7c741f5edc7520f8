"""What is still to be paid, added up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

from kronika.db.statements import Transaction

# From the index of open documents alone: see migration 0028.
_OWED: Final = """
SELECT contact_kind::text AS contact_kind, currency_id, count(*) AS documents, sum(to_be_paid) AS amount,
    count(*) FILTER (WHERE due_date < %(today)s) AS overdue,
    coalesce(sum(to_be_paid) FILTER (WHERE due_date < %(today)s), 0) AS overdue_amount
FROM documents WHERE company_id = %(company_id)s AND is_living AND is_open
GROUP BY documents.contact_kind, currency_id ORDER BY documents.contact_kind, currency_id
"""


class Owed(Struct, frozen=True):
    """What remains to be paid in one currency: by clients, or to suppliers; and what of it is overdue."""

    contact_kind: Literal["client", "supplier"]
    currency_id: int
    documents: int
    amount: Decimal
    overdue: int
    overdue_amount: Decimal


async def read_owed(transaction: Transaction, today: date) -> list[Owed]:
    """A row for each side and currency that has any, clients first; `today` decides what is overdue."""
    return await transaction.all(Owed, _OWED, today=today)
