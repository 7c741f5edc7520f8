"""Documents as a list: filtered by its address, sorted, cut into pages."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from kronika.cases.models import Case
from kronika.cases.queries import find_case
from kronika.contacts.list_queries import contacts_by_ids
from kronika.contacts.models import Contact, ContactKind
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.documents.labels import type_name
from kronika.documents.list_queries import documents_by_ids, documents_page
from kronika.documents.models import (
    DOCUMENT_TYPES,
    PAYMENT_STATUSES,
    DocumentFilter,
    DocumentOrder,
    DocumentType,
    DocumentWish,
)
from kronika.errors import NotFound
from kronika.http.services import services
from kronika.input.quantities import parse_day
from kronika.web.forms import Form
from kronika.web.lists import PER_PAGE, Address, last_page, pages_of, wished_choice, wished_number, wished_text
from kronika.web.relations.margins import line_of
from kronika.web.rendering import render
from kronika.web.visitors import Member

_ORDERS: Final = {
    "": DocumentOrder("issueDate", descending=True),
    "issued-first": DocumentOrder("issueDate", descending=False),
    "due": DocumentOrder("dueDate", descending=False),
    "due-last": DocumentOrder("dueDate", descending=True),
    "number": DocumentOrder("number", descending=False),
    "number-desc": DocumentOrder("number", descending=True),
    "total-desc": DocumentOrder("totalWithVat", descending=True),
    "total": DocumentOrder("totalWithVat", descending=False),
    "changed": DocumentOrder("updatedAt", descending=True),
    "changed-last": DocumentOrder("updatedAt", descending=False),
    "newest": DocumentOrder("createdAt", descending=True),
    "oldest": DocumentOrder("createdAt", descending=False),
}
SORTS: Final = tuple(_ORDERS)
OPEN: Final = "open"
"""Something remains to be paid, due or not."""
STATES: Final = (OPEN, "overdue", "unpaid", "partially_paid", "paid")
_DAYS: Final = ("issuedFrom", "issuedTo", "dueFrom", "dueTo")
_CONTACTS: Final[dict[str, ContactKind]] = {"clientId": "client", "supplierId": "supplier"}


async def show_documents(request: Request, who: Member, _: Form) -> Response:
    search, sort = wished_text(request, "search"), wished_choice(request, "sort", *SORTS)
    kind, state = wished_choice(request, "kind", "", *DOCUMENT_TYPES), wished_choice(request, "state", "", *STATES)
    days = {name: parse_day(request.query_params.get(name)) for name in _DAYS}
    now_is = who.visit.now_is
    async with services(request).database.snapshot(who.company_id) as transaction:
        contact, case = await _wished_contact(request, transaction), await _wished_case(request, transaction)
        wanted = structs.replace(
            _filter(search, kind, state, days),
            contact_id=contact.id if contact else None,
            case_id=case.id if case else None,
        )
        wish = DocumentWish(wanted, _ORDERS[sort])
        today, page = now_is.astimezone(who.company.zone).date(), wished_number(request, "page") or 1
        found = await documents_page(transaction, wish, today, page=page, per_page=PER_PAGE)
        if page > last_page(found.total):
            page = last_page(found.total)
            found = await documents_page(transaction, wish, today, page=page, per_page=PER_PAGE)
        documents = await documents_by_ids(transaction, found.ids, now_is)
        contacts = await contacts_by_ids(transaction, list({document.contact_id for document in documents}))
    wishes: dict[str, str | int | None] = {"search": search, "kind": kind, "state": state, "sort": sort}
    wishes |= {name: day and day.isoformat() for name, day in days.items()}
    whose = {"caseId": case.id if case else None, **_contact_wish(contact)}
    return render(
        request,
        who,
        "documents/documents.html",
        search=search,
        sort=sort,
        sorts=SORTS,
        kind=kind,
        kinds=[(each, type_name(each, who.language)) for each in DOCUMENT_TYPES],
        state=state,
        states=STATES,
        days={name: day.isoformat() if day else "" for name, day in days.items()},
        whose=whose,
        only=case or contact,
        lines=[line_of(document, who) for document in documents],
        contacts={each.id: each for each in contacts},
        pages=pages_of(page, total=found.total),
        address=Address(who.company.path + "/documents", wishes | whose),
        is_narrowed=bool(search or kind or state or any(days.values())),
    )


async def _wished_contact(request: Request, transaction: Transaction) -> Contact | None:
    """The one in the address.

    Raises NotFound: there is none such.
    """
    for name, kind in _CONTACTS.items():
        if request.query_params.get(name):
            contact = await find_contact(transaction, kind, wished_number(request, name) or 0)
            if contact is None:
                raise NotFound
            return contact
    return None


async def _wished_case(request: Request, transaction: Transaction) -> Case | None:
    if not request.query_params.get("caseId"):
        return None
    case = await find_case(transaction, wished_number(request, "caseId") or 0)
    if case is None:
        raise NotFound
    return case


def _contact_wish(contact: Contact | None) -> dict[str, str | int | None]:
    return {f"{contact.kind}Id": contact.id} if contact else {}


def _filter(search: str, kind: str, state: str, days: dict[str, date | None]) -> DocumentFilter:
    return DocumentFilter(
        type=cast(DocumentType, kind) if kind else None,
        number=search or None,
        issued_from=days["issuedFrom"],
        issued_to=days["issuedTo"],
        due_from=days["dueFrom"],
        due_to=days["dueTo"],
        is_open=True if state == OPEN else None,
        status=next((status for status in PAYMENT_STATUSES if status == state), None),
    )
