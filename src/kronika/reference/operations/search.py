from __future__ import annotations

from typing import Final

from msgspec import to_builtins

from kronika.contacts.input import SEARCH_FIELDS
from kronika.contacts.list_routes import ContactList
from kronika.contacts.models import ContactView, contact_view
from kronika.http.paging import PAGE_FIELDS, PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Chapter, Operation, Thing
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import SEARCH_TEXT, SHOWN_TEXTS
from kronika.reference.operations.suppliers import EXAMPLE as SUPPLIER
from kronika.reference.paging import PAGE_TEXTS

_PATH = f"{API_PREFIX}/contacts"
_FOUND = ContactList(
    [contact_view(SUPPLIER, "en"), contact_view(CLIENT, "en")],
    paginator(
        PageWish(page=1, per_page=10),
        total=2,
        shown=2,
        address=f"https://kronika.example{_PATH}",
        filters={"search": "slovakia"},
    ),
)

CHAPTER: Final = Chapter(
    tag="Contacts",
    text="Clients and suppliers together.",
    operations=(
        Operation(
            id="searchContacts",
            method="get",
            path=_PATH,
            summary="Search clients and suppliers",
            description="One page of all contacts that a search finds, by name. **An extension of Kronika**, which the "
            "Fintoro API does not have.",
            success="A page of contacts.",
            answer=ContactList,
            answers={"found": to_builtins(_FOUND)},
            query=SEARCH_FIELDS | PAGE_FIELDS,
            query_texts={"search": SEARCH_TEXT, **PAGE_TEXTS},
            parameter_examples={"search": "slovakia"},
        ),
    ),
    things=(
        Thing(
            ContactView,
            "A client or a supplier.",
            {**SHOWN_TEXTS, "contactType": "Whether it is a client or a supplier: where its id belongs."},
        ),
        Thing(
            ContactList, "A page of contacts.", {"data": "The contacts, by name.", "paginator": "Which page this is."}
        ),
    ),
)
