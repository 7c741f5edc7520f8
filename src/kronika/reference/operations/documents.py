from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from msgspec.structs import asdict

from kronika.documents.input import LIST_FIELDS
from kronika.documents.list_routes import DocumentList
from kronika.documents.models import (
    DOCUMENT_TYPES,
    Document,
    DocumentType,
    DocumentView,
    RelatedDocument,
    document_view,
)
from kronika.errors import Complaints
from kronika.feed.batch_routes import DocumentBatch, DocumentBatchItem
from kronika.feed.input import BATCH_FIELD, MOST_AT_ONCE, read_document
from kronika.http.paging import PAGE_FIELDS, PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.http.texts import TEXTS
from kronika.input.fields import choice
from kronika.reference.examples import as_sent
from kronika.reference.operation import Also, Body, Chapter, Operation, Thing
from kronika.reference.operations.cases import EXAMPLE_ID as CASE_ID
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import THEN, ZONE
from kronika.reference.operations.document_input import KEY_TEXTS, RATE_TEXT, batch_schema, document_schema
from kronika.reference.operations.suppliers import EXAMPLE as SUPPLIER
from kronika.reference.paging import PAGE_TEXTS

EXAMPLE_TYPE: Final[DocumentType] = "invoice"
EXAMPLE_ID: Final = 301
_INVOICE: dict[str, Any] = {
    "number": "20260031",
    "issueDate": "2026-03-10",
    "dueDate": "2026-03-24",
    "clientId": CLIENT.id,
    "totalWithVat": 121,
    "currencyId": 1,
}
_IN_CROWNS: dict[str, Any] = {
    "number": "20260031",
    "name": "Bread for three shops, March",
    "issueDate": "2026-03-10",
    "dueDate": "2026-03-24",
    "clientId": CLIENT.id,
    "businessCaseId": CASE_ID,
    "totalWithVat": 3025.5,
    "currencyId": 5,
    "currencyRate": 25.13,
}
_BATCH: dict[str, Any] = {
    BATCH_FIELD: [
        {"documentType": EXAMPLE_TYPE, "documentId": EXAMPLE_ID, **_INVOICE},
        {
            "documentType": "warehouse-inbound-receipt",
            "documentId": 88,
            "number": "P2026-12",
            "issueDate": "2026-03-09",
            "supplierId": SUPPLIER.id,
        },
        {
            "documentType": "order",
            "documentId": 17,
            "number": "O2026-17",
            "issueDate": "2026-03-09",
            "clientId": 999_999,
            "totalWithVat": 48.4,
            "currencyId": 1,
        },
    ]
}
_CAME: Final = DocumentBatch(
    [
        DocumentBatchItem(EXAMPLE_TYPE, EXAMPLE_ID, "unchanged", None),
        DocumentBatchItem("warehouse-inbound-receipt", 88, "created", None),
        DocumentBatchItem("order", 17, "refused", {"clientId": [TEXTS["unknown"]["en"]]}),
    ]
)


def _stored(said: dict[str, Any]) -> Document:
    """The document that the example of a PUT makes, read by the rules of the application."""
    read = read_document(EXAMPLE_TYPE, EXAMPLE_ID, said, Complaints())
    assert read is not None
    return Document(
        **asdict(read), id=1, seen_at=THEN, gone_case_id=None, paid=Decimal(0), payments=0, to_be_paid=read.total,
        is_open=True, created_at=THEN, updated_at=THEN,
    )  # fmt: skip


EXAMPLE: Final = _stored(_INVOICE)
_SHOWN = {
    name: as_sent(document_view(_stored(said), ZONE, "en"))
    for name, said in (("invoice", _INVOICE), ("inCrowns", _IN_CROWNS))
}
_WISH: dict[str, str] = {"documentType": EXAMPLE_TYPE, "paymentStatus": "unpaid"}
_PAGE: dict[str, Any] = {
    "data": [_SHOWN["invoice"]],
    "paginator": as_sent(
        paginator(
            PageWish(page=1, per_page=10), total=1, shown=1, address=f"https://kronika.example{API_PREFIX}/documents",
            filters=_WISH,
        )
    ),
}  # fmt: skip
_EXTENSION = "**An extension of Kronika**, which the Fintoro API does not have."
_PATH = f"{API_PREFIX}/documents"
_ONE: dict[str, Any] = {
    "path": f"{_PATH}/{{type}}/{{id}}",
    "path_texts": {"type": KEY_TEXTS["documentType"], "id": KEY_TEXTS["documentId"]},
    "path_fields": {"type": choice(*DOCUMENT_TYPES)},
    "parameter_examples": {"type": EXAMPLE_TYPE, "id": EXAMPLE_ID},
}
_RELATED_TEXTS: Final = {
    **KEY_TEXTS,
    "name": "What it is called; its kind, in the selected language, and its number where it has no name.",
    "number": "Its number as it is now.",
    "issueDate": "Day it was issued.",
    "totalWithVat": "What it comes to now; null where it names no total.",
    "currency": "Currency of the total.",
}
_SHOWN_TEXTS: Final = {
    **KEY_TEXTS,
    "number": "Number that is printed on it.",
    "name": "What it is called, as it was sent.",
    "label": "Its name; where it has none, its kind, in the selected language, and its number.",
    "issueDate": "Day it was issued.",
    "dueDate": "Day by which it is to be paid.",
    "clientId": "Client it was issued to, else null.",
    "supplierId": "Supplier it is of, else null.",
    "businessCaseId": "Business case it belongs to.",
    "totalWithVat": "What it comes to, in its currency.",
    "currency": "Its currency.",
    "currencyRate": f"Its exchange rate: {RATE_TEXT}; 1.0 for the euro.",
    "toBePaid": "The total without what its payments settled; below 0 where too much was paid, and of a negative total "
    "the other way round. Null for what is not paid: orders, quotations, warehouse receipts.",
    "paymentStatus": "How it stands today, in the company's time zone. `paid`: nothing remains, or too much was paid; "
    "`overdue`: something remains after the due date, even if a part was paid; `partially_paid`; `unpaid`. Null where "
    "`toBePaid` is.",
    "createdAt": "When Kronika was first told of it.",
    "updatedAt": "When it last changed. A payment is no such change.",
}

CHAPTER: Final = Chapter(
    tag="Documents",
    text="Invoices and their like, fed by the system that issues them. Each is known by its type and by the number "
    "that system has for it. What happens to a document shows on the timeline of its business case; without one, on "
    "that of its client or supplier.",
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
        Operation(
            id="putDocument",
            method="put",
            **_ONE,
            summary="Put a document",
            description="Makes a document what is said of it: creates it, or replaces all of it. Exactly one of "
            "`clientId` and `supplierId` says whose it is. `totalWithVat` and `currencyId` are required, except for a "
            "warehouse receipt; there too a total needs its currency.\n\n"
            "What is new writes a `document_created` on the timeline, what has changed a `document_updated`. The same "
            "again is no change and writes nothing, so a feed can be sent again from its start. A document that was "
            "deleted and is put again is a new one: events about the first keep `relatedDocument` null.\n\n"
            "A total may be negative, as a credit note's is. Once a document has payments, its currency cannot be "
            f"changed (422 on `currencyId`).\n\n{_EXTENSION}",
            success="The document as it is now. It was there before.",
            answer=DocumentView,
            answers=_SHOWN,
            also={201: Also("The document as it was created.", _SHOWN)},
            body=Body("DocumentInput", document_schema(), {"invoice": _INVOICE, "inCrowns": _IN_CROWNS}),
        ),
        Operation(
            id="showDocument",
            method="get",
            **_ONE,
            summary="Show a document",
            description=f"The document as it is now, with what remains to be paid. {_EXTENSION}",
            success="The document.",
            answer=DocumentView,
            answers=_SHOWN,
        ),
        Operation(
            id="deleteDocument",
            method="delete",
            **_ONE,
            summary="Delete a document",
            description="Takes a document away together with its payments, and writes a `document_deleted` on the "
            f"timeline. The events about it stay, and show null as `relatedDocument` from then on. {_EXTENSION}",
            success="It is gone.",
            status=204,
        ),
        Operation(
            id="putDocuments",
            method="post",
            path=f"{_PATH}/batch",
            summary="Put many documents",
            description=f"Puts up to {MOST_AT_ONCE:,} documents in one request and says for each what came of it. Each "
            "is put for itself, by the rules of `putDocument`: one that is refused does not stop the others, and the "
            "answer is 200. A document that is there twice is put twice, one after the other.\n\n"
            "The body may have at most 4 MiB and 40,000 values, members and items alike. It is refused as a whole for "
            f"its own shape, and when {Complaints.MOST} or more of its values cannot be stored.\n\n"
            "A 503 may come after some of the documents were written. Send the whole batch again then: it finds "
            "unchanged what is there, but for documents that it has twice. So no `Idempotency-Key` is needed, and none "
            "is looked at. The batch counts as one request for the rate limit."
            f"\n\n{_EXTENSION}",
            success="What came of each document, in the order they were sent in.",
            answer=DocumentBatch,
            answers={"march": as_sent(_CAME)},
            body=Body("DocumentBatchInput", batch_schema(), {"march": _BATCH}),
        ),
    ),
    things=(
        Thing(DocumentView, "A document.", _SHOWN_TEXTS),
        Thing(DocumentList, "A page of documents.", {"data": "The documents.", "paginator": "Which page this is."}),
        Thing(RelatedDocument, "The document of an event, as it is now.", _RELATED_TEXTS),
        Thing(
            DocumentBatch, "What came of a batch of documents.", {"data": "One result for each document that was sent."}
        ),
        Thing(
            DocumentBatchItem,
            "What came of one document of a batch.",
            {
                "documentType": "Its type; null where that could not be read.",
                "documentId": "Its number in the feeding system; null where that could not be read.",
                "outcome": "What was done.",
                "errors": "Why it was refused, by field, in the selected language; `document` is the document as a "
                "whole. Null where it was not.",
            },
        ),
    ),
)
