"""Business cases as a plain list."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases.list_queries import cases_by_ids, cases_page
from kronika.cases.models import CaseFilter, CaseOrder, CaseWish
from kronika.contacts.list_queries import contacts_by_ids
from kronika.contacts.models import Contact, ContactKind
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.folding import words_of
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.statuses.models import StatusView
from kronika.statuses.queries import list_statuses
from kronika.web.forms import Form
from kronika.web.lists import PER_PAGE, Address, last_page, pages_of, wished_choice, wished_number, wished_text
from kronika.web.rendering import render
from kronika.web.visitors import Member

_ORDERS: Final = {
    "": CaseOrder("id", descending=True),
    "oldest": CaseOrder("id", descending=False),
    "name": CaseOrder("name", descending=False),
    "name-desc": CaseOrder("name", descending=True),
    "changed": CaseOrder("updatedAt", descending=True),
    "changed-first": CaseOrder("updatedAt", descending=False),
    "begun": CaseOrder("createdAt", descending=True),
    "begun-first": CaseOrder("createdAt", descending=False),
    "place": CaseOrder("boardPosition", descending=False),
    "place-desc": CaseOrder("boardPosition", descending=True),
}
SORTS: Final = tuple(_ORDERS)
LIST_WISHES: Final = ("search", "sort", "statusId", "clientId", "supplierId", "page")
"""What of an address only the list can show."""
CONTACT_NAMES: Final[dict[str, ContactKind]] = {"clientId": "client", "supplierId": "supplier"}
NO_STATUS: Final = "none"


async def show_case_list(request: Request, who: Member, form: Form) -> Response:
    search, sort = wished_text(request, "search"), wished_choice(request, "sort", *SORTS)
    async with services(request).database.snapshot(who.company_id) as transaction:
        statuses = await list_statuses(transaction)
        status = wished_choice(request, "statusId", "", NO_STATUS, *(str(it.id) for it in statuses))
        contact = await wished_contact(request, transaction, form)
        wish = CaseWish(_filter(search, status, contact), _ORDERS[sort])
        page = wished_number(request, "page") or 1
        found = await cases_page(transaction, wish, page=page, per_page=PER_PAGE)
        if page > last_page(found.total):
            page = last_page(found.total)
            found = await cases_page(transaction, wish, page=page, per_page=PER_PAGE)
        cases = await cases_by_ids(transaction, found.ids)
        contacts = await contacts_by_ids(transaction, list({case.contact_id for case in cases}))
    wishes: dict[str, str | int | None] = {"view": "list", "search": search, "statusId": status, "sort": sort}
    if contact:
        wishes[f"{contact.kind}Id"] = contact.id
    return render(
        request,
        who,
        "relations/cases.html",
        search=search,
        sort=sort,
        sorts=SORTS,
        column=status,
        statuses=statuses,
        contact=contact,
        cases=cases,
        contacts={each.id: each for each in contacts},
        pages=pages_of(page, total=found.total),
        address=Address(who.company.path + "/cases", wishes),
        is_empty=not found.total and not search and not status and not contact,
    )


async def wished_contact(request: Request, transaction: Transaction, form: Form) -> Contact | None:
    """The one in the form, if there is such, else in the address; None where that names none.

    Raises NotFound: there is none such.
    """
    for name, kind in CONTACT_NAMES.items():
        written = parse_integer(form.text(name))
        if written is not None and (contact := await find_contact(transaction, kind, written)):
            return contact
    for name, kind in CONTACT_NAMES.items():
        if request.query_params.get(name):
            contact = await find_contact(transaction, kind, wished_number(request, name) or 0)
            if contact is None:
                raise NotFound
            return contact
    return None


def status_options(statuses: list[StatusView]) -> list[tuple[str, str]]:
    """For a select."""
    return [(str(status.id), status.name) for status in statuses]


def _filter(search: str, status: str, contact: Contact | None) -> CaseFilter:
    return CaseFilter(
        words=words_of(search),
        contact_kind=contact.kind if contact else None,
        contact_id=contact.id if contact else None,
        status_id={"": None, NO_STATUS: 0}.get(status, int(status) if status.isdecimal() else None),
    )
