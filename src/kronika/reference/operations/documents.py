from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from msgspec import json, to_builtins

from kronika.documents.input import LIST_FIELDS
from kronika.documents.list_routes import DocumentList
from kronika.documents.models import Document, DocumentView, document_view
from kronika.encoding import json_bytes
from kronika.http.paging import PAGE_FIELDS, PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.input.quantities import ONE
from kronika.lookups.currencies import EURO
from kronika.reference.operation import Chapter, Operation, Thing
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import THEN, ZONE
from kronika.reference.paging import PAGE_TEXTS

_PATH = f"{API_PREFIX}/documents"
EXAMPLE: Final = Document(
    type="invoice", document_id=1042, number="20260017", name=None, issue_date=date(2026, 3, 10),
    due_date=date(2026, 3, 24), contact_kind="client", contact_id=CLIENT.id, business_case_id=None,
    total=Decimal("246.00"), currency_id=EURO, currency_rate=ONE, seen_at=THEN, id=1, paid=Decimal("0.00"), payments=0,
    to_be_paid=Decimal("246.00"), is_open=True, created_at=THEN, updated_at=THEN,
)  # fmt: skip


def shown(document: Document) -> dict[str, Any]:
    """The document as an answer has it: its amounts are numbers, which plain values of a struct would not be."""
    return json.decode(json_bytes(document_view(document, ZONE, "en")), type=dict[str, Any])


_WISH: dict[str, str] = {"documentType": EXAMPLE.type, "paymentStatus": "unpaid"}
_PAGE = {
    "data": [shown(EXAMPLE)],
    "paginator": to_builtins(
        paginator(
            PageWish(page=1, per_page=10), total=1, shown=1, address=f"https://kronika.example{_PATH}", filters=_WISH
        )
    ),
}
SHOWN_TEXTS: Final = {
    "documentType": "What kind of document it is.",
    "documentId": "Its id in the system that feeds it; no other document of its kind has it.",
    "number": "Number on the document.",
    "name": "Name of its own, if it has one.",
    "label": "What to call it: its name, or else its kind in your language and its number.",
    "issueDate": "Day it was issued.",
    "dueDate": "Last day to pay it.",
    "clientId": "Client it belongs to, if it is one.",
    "supplierId": "Supplier it belongs to, if it is one.",
    "businessCaseId": "Business case it belongs to, if there is one.",
    "totalWithVat": "Its total with VAT, in its currency; a credit note's may be negative.",
    "currency": "Its currency.",
    "currencyRate": "Units of its currency for one euro.",
    "toBePaid": "What remains to be paid of the total; below 0 when too much was paid, and of a negative total the "
    "other way round. Null where nothing is ever paid, as for an order.",
    "paymentStatus": "How far it is paid. From the day after its `dueDate`, what is not wholly paid is `overdue`. Null "
    "where nothing is ever paid.",
    "createdAt": "When it was first fed.",
    "updatedAt": "When it last changed.",
}

CHAPTER: Final = Chapter(
    tag="Documents",
    text="Invoices, orders and the like, fed by the system that issues them.",
    operations=(
        Operation(
            id="listDocuments",
            method="get",
            path=_PATH,
            summary="List the documents",
            description="One page of the documents that all the filters hold for, what was issued last first unless "
            "another order is asked for. The days that bound a time belong to it. **An extension of Kronika**, which "
            "the Fintoro API does not have.",
            success="A page of documents.",
            answer=DocumentList,
            answers={"page": _PAGE},
            query=LIST_FIELDS | PAGE_FIELDS,
            query_texts={
                "documentType": "Only documents of this kind.",
                "clientId": "Only the documents of this client.",
                "supplierId": "Only the documents of this supplier. Not together with `clientId`.",
                "businessCaseId": "Only the documents of this business case.",
                "number": "Only those whose number begins with this; case and diacritics do not matter.",
                "issueDateFrom": "Only those issued on this day or later.",
                "issueDateTo": "Only those issued on this day or earlier.",
                "dueDateFrom": "Only those due on this day or later.",
                "dueDateTo": "Only those due on this day or earlier.",
                "unpaid": "`true`: only those of which something remains to be paid. `false`: only those of which "
                "nothing does, among them all that is never paid, such as orders.",
                "paymentStatus": "Only those that are shown with this payment status today.",
                "sortBy": "What they are sorted by, `issueDate` without it. What has no value comes last with `asc`.",
                "sortDirection": "`desc` is the exact reverse of `asc`, and the order without it.",
                **PAGE_TEXTS,
            },
            parameter_examples=_WISH,
        ),
    ),
    things=(
        Thing(DocumentView, "A document as it is now.", SHOWN_TEXTS),
        Thing(DocumentList, "A page of documents.", {"data": "The documents.", "paginator": "Which page this is."}),
    ),
)
