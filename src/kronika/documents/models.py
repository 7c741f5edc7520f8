"""Documents as they are stored, and as the API shows them: alone, and in the events about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.documents.labels import label
from kronika.instants import local_iso8601
from kronika.lookups.currencies import Currency, currencies

DocumentType: TypeAlias = Literal[
    "invoice", "proforma", "order", "quotation", "credit-note", "received-invoice", "received-receipt",
    "warehouse-inbound-receipt", "warehouse-outbound-receipt",
]  # fmt: skip
PayableType: TypeAlias = Literal["invoice", "proforma", "credit-note", "received-invoice", "received-receipt"]
PaymentStatus: TypeAlias = Literal["paid", "unpaid", "partially_paid", "overdue"]

DocumentSort: TypeAlias = Literal["issueDate", "dueDate", "number", "totalWithVat", "updatedAt", "createdAt"]

DOCUMENT_TYPES: tuple[DocumentType, ...] = get_args(DocumentType)
PAYMENT_STATUSES: tuple[PaymentStatus, ...] = get_args(PaymentStatus)
DOCUMENT_SORTS: tuple[DocumentSort, ...] = get_args(DocumentSort)
PAYABLE_TYPES: tuple[PayableType, ...] = get_args(PayableType)
WAREHOUSE_TYPES: tuple[DocumentType, ...] = ("warehouse-inbound-receipt", "warehouse-outbound-receipt")


class Said(Struct, frozen=True, kw_only=True):
    """All that the feeding system says of a document. `currency_rate`: units of its currency for one euro."""

    type: DocumentType
    document_id: int
    number: str
    name: str | None
    issue_date: date
    due_date: date | None
    contact_kind: Literal["client", "supplier"]
    contact_id: int
    business_case_id: int | None
    total: Decimal | None
    currency_id: int | None
    currency_rate: Decimal | None


class Document(Said, frozen=True, kw_only=True):
    """A stored document. `id` is ours, and shown nowhere; amounts are in its currency. It was read at `seen_at`.
    `gone_case_id`: the business case that it had when that was deleted.
    """

    seen_at: datetime
    id: int
    gone_case_id: int | None
    paid: Decimal
    payments: int
    to_be_paid: Decimal | None
    is_open: bool
    created_at: datetime
    updated_at: datetime

    @property
    def timeline_id(self) -> int:
        """The timeline that it writes on: its business case's if it has one, else its contact's."""
        return self.business_case_id or self.contact_id


class DocumentFilter(Struct, frozen=True, kw_only=True):
    """Which documents: all that is not None holds for them. `number` is what theirs begins with, case and diacritics
    aside; the days are the first and the last.
    """

    type: DocumentType | None = None
    contact_id: int | None = None
    case_id: int | None = None
    number: str | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    is_open: bool | None = None
    status: PaymentStatus | None = None


class DocumentOrder(Struct, frozen=True):
    by: DocumentSort
    descending: bool


class DocumentWish(Struct, frozen=True):
    """Which documents a list shows, and in which order; our own id decides between equals."""

    filter: DocumentFilter
    order: DocumentOrder


Key: TypeAlias = tuple[DocumentType, int]
"""A document's name in the feeding system: its type and its number there."""


def key_of(document: Said) -> Key:
    return document.type, document.document_id


def says(document: Document, said: Said) -> bool:
    """Whether the stored document is all that is said of it, and nothing else."""
    return all(getattr(document, name) == getattr(said, name) for name in Said.__struct_fields__)


def change_type(document_type: DocumentType, verb: str) -> str:
    """`invoices.created` and its like."""
    return f"{document_type}s.{verb}"


def day_there(document: Document, zone: ZoneInfo) -> date:
    """What day it was when the document was read."""
    return document.seen_at.astimezone(zone).date()


class Payable(Protocol):
    """What is known of a document where it is judged what remains to be paid."""

    @property
    def due_date(self) -> date | None: ...
    @property
    def total(self) -> Decimal | None: ...
    @property
    def paid(self) -> Decimal: ...
    @property
    def to_be_paid(self) -> Decimal | None: ...
    @property
    def is_open(self) -> bool: ...


def payment_status(document: Payable, today: date) -> PaymentStatus | None:
    """None: it is nothing that is paid. What is paid in part and due is overdue."""
    if document.to_be_paid is None or document.total is None:
        return None
    if not document.is_open:
        return "paid"
    if document.due_date is not None and document.due_date < today:
        return "overdue"
    # Of a negative total, what counts as paid is negative too.
    begun = document.paid < 0 if document.total < 0 else document.paid > 0
    return "partially_paid" if begun else "unpaid"


class DocumentView(Struct, frozen=True, rename="camel"):
    """A document as the API shows it."""

    document_type: DocumentType
    document_id: int
    number: str
    name: str | None
    label: str
    issue_date: str
    due_date: str | None
    client_id: int | None
    supplier_id: int | None
    business_case_id: int | None
    total_with_vat: Decimal | None
    currency: Currency | None
    currency_rate: Decimal | None
    to_be_paid: Decimal | None
    payment_status: PaymentStatus | None
    created_at: str
    updated_at: str


def document_view(document: Document, zone: ZoneInfo, language: str) -> DocumentView:
    return DocumentView(
        document_type=document.type,
        document_id=document.document_id,
        number=document.number,
        name=document.name,
        label=label(document.type, document.number, document.name, language),
        issue_date=document.issue_date.isoformat(),
        due_date=document.due_date and document.due_date.isoformat(),
        client_id=document.contact_id if document.contact_kind == "client" else None,
        supplier_id=document.contact_id if document.contact_kind == "supplier" else None,
        business_case_id=document.business_case_id,
        total_with_vat=document.total,
        currency=shown_currency(document.currency_id, language),
        currency_rate=document.currency_rate and shown_rate(document.currency_rate),
        to_be_paid=document.to_be_paid,
        payment_status=payment_status(document, day_there(document, zone)),
        created_at=local_iso8601(document.created_at, zone),
        updated_at=local_iso8601(document.updated_at, zone),
    )


class LivingDocument(Struct, frozen=True):
    """A document as it is now, as events show it."""

    type: DocumentType
    document_id: int
    name: str | None
    number: str
    issue_date: str
    total: Decimal | None
    currency_id: int | None


def living(document: Document) -> LivingDocument:
    return LivingDocument(
        document.type,
        document.document_id,
        document.name,
        document.number,
        document.issue_date.isoformat(),
        document.total,
        document.currency_id,
    )


class RelatedDocument(Struct, frozen=True, rename="camel"):
    """A document in an event about it. `name` is what it is called in the reader's language."""

    document_type: DocumentType
    document_id: int
    name: str
    number: str
    issue_date: str
    total_with_vat: Decimal | None
    currency: Currency | None


def related_document(document: LivingDocument, language: str) -> RelatedDocument:
    return RelatedDocument(
        document.type,
        document.document_id,
        label(document.type, document.number, document.name, language),
        document.number,
        document.issue_date,
        document.total,
        shown_currency(document.currency_id, language),
    )


def shown_currency(currency_id: int | None, language: str) -> Currency | None:
    by_id: Mapping[int, Currency] = currencies(language)
    return None if currency_id is None else by_id[currency_id]


def shown_rate(rate: Decimal) -> Decimal:
    """Without the zeros behind its last digit, but with one decimal: 25.13, 1.0."""
    plain = rate.normalize()
    return plain.quantize(Decimal("1.0")) if plain == plain.to_integral_value() else plain
