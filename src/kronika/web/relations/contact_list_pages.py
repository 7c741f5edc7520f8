"""Clients and suppliers, as lists that are searched and sorted."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.contacts.input import contact_wish
from kronika.contacts.list_queries import contacts_by_ids, contacts_page, count_contacts
from kronika.contacts.models import ContactKind, ContactWish
from kronika.http.services import services
from kronika.lookups.countries import countries
from kronika.users.models import Language
from kronika.web.forms import Form
from kronika.web.lists import PER_PAGE, Address, last_page, pages_of, wished_choice, wished_number, wished_text
from kronika.web.rendering import render
from kronika.web.visitors import Member

SORTS: Final = ("", "name-desc", "city", "newest", "changed")
_KINDS: Final[tuple[ContactKind, ...]] = ("client", "supplier")
_ORDERS: Final = {
    "": ("name", "asc"),
    "name-desc": ("name", "desc"),
    "city": ("city", "asc"),
    "newest": ("createdAt", "desc"),
    "changed": ("updatedAt", "desc"),
}


async def show_contacts(request: Request, who: Member, _: Form) -> Response:
    kind: ContactKind = "supplier" if request.query_params.get("kind") == "supplier" else "client"
    search, sort = wished_text(request, "search"), wished_choice(request, "sort", *SORTS)
    page = wished_number(request, "page") or 1
    totals: dict[ContactKind, int] = {}
    async with services(request).database.snapshot(who.company_id) as transaction:
        for each in _KINDS:
            totals[each] = await count_contacts(transaction, _wish(each, search, sort, who.language))
        page = min(page, last_page(totals[kind]))
        wish = _wish(kind, search, sort, who.language)
        found = await contacts_page(transaction, wish, page=page, per_page=PER_PAGE)
        contacts = await contacts_by_ids(transaction, found.ids)
    wishes = {"kind": "" if kind == "client" else kind, "search": search, "sort": sort}
    return render(
        request,
        who,
        "relations/contacts.html",
        kind=kind,
        kinds=_KINDS,
        search=search,
        sort=sort,
        sorts=SORTS,
        contacts=contacts,
        totals=totals,
        pages=pages_of(page, total=found.total),
        address=Address(who.company.path + "/contacts", wishes),
        countries=countries(who.language),
    )


def _wish(kind: ContactKind, search: str, sort: str, language: Language) -> ContactWish:
    by, direction = _ORDERS[sort]
    return contact_wish({"search": search, "sortBy": by, "sortDirection": direction}, kind, language)
