"""What stands beside a timeline: facts, a year's activity, business cases, documents.

A page asks for it in the transaction it reads the contact or the case in, and gives it to `margin_contact.html` or
`margin_case.html` as `margin`.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Final

from msgspec import Struct

from kronika.cases.list_queries import cases_by_ids, cases_page
from kronika.cases.models import Case, CaseFilter, CaseOrder, CaseWish
from kronika.contacts.models import Contact
from kronika.db.statements import Transaction
from kronika.documents.labels import type_name
from kronika.documents.list_queries import documents_by_ids, documents_page
from kronika.documents.models import (
    Document,
    DocumentFilter,
    DocumentOrder,
    DocumentWish,
    PaymentStatus,
    day_there,
    payment_status,
)
from kronika.lookups.countries import country
from kronika.timelines.queries import events_before
from kronika.users.models import Language
from kronika.web.visitors import Member

MONTHS: Final = 12
_SHOWN: Final = 5
_TALLEST: Final = 28
_SMALLEST: Final = 3


class Month(Struct, frozen=True):
    """A month of a timeline; `height` is that of its bar, of `_TALLEST` at most."""

    begins: date
    events: int
    height: int


class Activity(Struct, frozen=True):
    """The last twelve months, this one included, oldest first."""

    months: list[Month]

    @property
    def total(self) -> int:
        return sum(month.events for month in self.months)

    @property
    def busiest(self) -> Month:
        return max(reversed(self.months), key=lambda month: month.events)


class Address(Struct, frozen=True):
    """Lines of an address, none of them empty."""

    lines: list[str]


class DocumentLine(Struct, frozen=True):
    """A document in a few words, of which the type's is in the reader's language."""

    document: Document
    type_name: str
    payment: PaymentStatus | None


class Newest(Struct, frozen=True):
    """The newest documents, and how many there are in all."""

    lines: list[DocumentLine]
    total: int


class ContactMargin(Struct, frozen=True):
    contact: Contact
    address: Address
    delivery: Address
    activity: Activity
    cases: list[Case]
    cases_total: int
    documents: Newest


class CaseMargin(Struct, frozen=True):
    case: Case
    activity: Activity
    documents: Newest


async def contact_margin(transaction: Transaction, who: Member, contact: Contact) -> ContactMargin:
    """The margin of a contact's page."""
    wanted = CaseFilter(words=[], contact_kind=contact.kind, contact_id=contact.id, status_id=None)
    found = await cases_page(transaction, CaseWish(wanted, CaseOrder("id", descending=True)), page=1, per_page=_SHOWN)
    return ContactMargin(
        contact=contact,
        address=_address(contact.street, contact.zip, contact.city, contact.country_id, who.language),
        delivery=_address(
            contact.delivery_street,
            contact.delivery_zip,
            contact.delivery_city,
            contact.delivery_country_id,
            who.language,
        ),
        activity=await _activity(transaction, who, contact.id),
        cases=await cases_by_ids(transaction, found.ids),
        cases_total=found.total,
        documents=await _documents(transaction, who, contact_id=contact.id),
    )


async def case_margin(transaction: Transaction, who: Member, case: Case) -> CaseMargin:
    """The margin of a business case's page."""
    return CaseMargin(
        case=case,
        activity=await _activity(transaction, who, case.id),
        documents=await _documents(transaction, who, case_id=case.id),
    )


async def _activity(transaction: Transaction, who: Member, timeline_id: int) -> Activity:
    zone = who.company.zone
    days = month_starts(who.visit.now_is.astimezone(zone).date())
    moments = [datetime(day.year, day.month, 1, tzinfo=zone) for day in days]
    numbers = await events_before(transaction, timeline_id, moments)
    return activity_of(days, numbers)


def month_starts(today: date) -> list[date]:
    """The first days of the months of a year that ends with this one, and of the next."""
    this = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(this - MONTHS + 1, this + 2)]


def activity_of(days: list[date], before: list[int]) -> Activity:
    """The months between these days, before each of which there were so many events."""
    events = [after - earlier for earlier, after in pairwise(before)]
    most = max(events, default=0)
    return Activity(
        [
            Month(day, n, max(_SMALLEST, round(n / most * _TALLEST)) if n else 0)
            for day, n in zip(days, events, strict=False)
        ]
    )


async def _documents(
    transaction: Transaction, who: Member, *, contact_id: int | None = None, case_id: int | None = None
) -> Newest:
    now_is = who.visit.now_is
    wanted = DocumentFilter(contact_id=contact_id, case_id=case_id)
    wish = DocumentWish(wanted, DocumentOrder("issueDate", descending=True))
    today = now_is.astimezone(who.company.zone).date()
    found = await documents_page(transaction, wish, today, page=1, per_page=_SHOWN)
    documents = await documents_by_ids(transaction, found.ids, now_is)
    return Newest([line_of(document, who) for document in documents], found.total)


def line_of(document: Document, who: Member) -> DocumentLine:
    """The document as it was when it was read."""
    payment = payment_status(document, day_there(document, who.company.zone))
    return DocumentLine(document, type_name(document.type, who.language), payment)


def _address(
    street: str | None, zip_: str | None, city: str | None, country_id: int | None, language: Language
) -> Address:
    place = " ".join(filter(None, (zip_, city)))
    name = country(country_id, language).name if country_id is not None else None
    return Address([line for line in (street, place, name) if line])
