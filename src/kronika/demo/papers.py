"""The documents of the demo company, and what was paid of them, told as data."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from kronika.contacts.models import ContactKind
from kronika.documents.models import DocumentType

EUR, CZK = 1, 5


class Paper(Struct, frozen=True):
    """A document, issued so many days ago at this time of day; `case`: of the contact. `rate`: units for one euro."""

    days_ago: int
    hour: int
    minute: int
    kind: ContactKind
    whom: str
    type: DocumentType
    document_id: int
    number: str
    name: str
    total: str
    due_days: int | None = None
    case: str | None = None
    currency_id: int = EUR
    rate: str = "1.00000000"


class Paid(Struct, frozen=True):
    """A payment that came so many days ago; without an amount, of all that remained."""

    days_ago: int
    hour: int
    minute: int
    type: DocumentType
    document_id: int
    amount: Decimal | None = None


# The invoicing system's numbers, as its primary keys would be.
PAPERS: list[Paper | Paid] = [
    Paper(25, 16, 30, "client", "cafe", "invoice", 1041, "20260041", "Espresso blend, 20 kg", "318.00", 14),
    Paper(20, 9, 15, "client", "hotel", "invoice", 1042, "20260042", "Tasting set, two blends", "96.60", 14),
    Paid(15, 7, 5, "invoice", 1041),
    Paper(14, 9, 50, "client", "hotel", "quotation", 311, "CP-2026-011", "40 kg a month for a year", "6192.00", 30,
          "breakfast"),
    Paper(12, 10, 20, "client", "cafe", "invoice", 1043, "20260043", "Espresso blend, filters", "402.50", 14),
    Paper(10, 13, 40, "supplier", "bags", "received-invoice", 2007, "FV2604417", "Paper bags, 5,000 pieces", "18450.00",
          21, None, CZK, "25.13400000"),
    Paper(7, 15, 0, "client", "person", "invoice", 1044, "20260044", "Moka, 500 g", "14.90", 7),
    Paid(7, 15, 5, "invoice", 1044),
    Paper(5, 9, 0, "client", "cafe", "credit-note", 61, "D-2026-003", "Two bags came torn", "-31.80"),
    Paid(4, 7, 5, "invoice", 1043, Decimal("200.00")),
    Paper(1, 11, 30, "client", "hotel", "order", 508, "OBJ-2026-019", "First month, 40 kg", "516.00", None,
          "breakfast"),
]  # fmt: skip
