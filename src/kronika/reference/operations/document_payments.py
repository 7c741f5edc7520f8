from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from kronika.documents.payment_input import LIST_FIELDS
from kronika.documents.payment_routes import DocumentPaymentList
from kronika.documents.payments import DocumentPaymentView, Payment, payment_view
from kronika.feed.payment_actions import MOST_PAYMENTS
from kronika.feed.payment_input import PAYMENT_FIELDS
from kronika.http.problems import API_PREFIX
from kronika.reference.examples import as_sent
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.document_input import KEY_TEXTS, RATE_TEXT
from kronika.reference.operations.documents import EXAMPLE as DOCUMENT

_PATH = f"{API_PREFIX}/document-payments"
_EXAMPLE_ID: Final = 801
_OF: dict[str, Any] = {"documentType": DOCUMENT.type, "documentId": DOCUMENT.document_id}
_PART: dict[str, Any] = {**_OF, "amount": 50, "paymentDate": "2026-03-12", "paymentMethodId": 6}


def _payment(number: int, amount: int, day: date, method: int) -> DocumentPaymentView:
    paid = Decimal(amount)
    payment = Payment(
        number, DOCUMENT.id, "invoice", DOCUMENT.document_id, payment_method_id=method, currency_id=1,
        currency_rate=Decimal(1), payment_date=day, amount=paid, settled=paid,
    )  # fmt: skip
    return payment_view(payment, "en")


_PAID = [_payment(_EXAMPLE_ID, 50, date(2026, 3, 12), 6), _payment(_EXAMPLE_ID + 1, 71, date(2026, 3, 20), 1)]
_SHOWN: dict[str, Any] = {"part": as_sent(_PAID[0]), "rest": as_sent(_PAID[1])}
_INPUT_TEXTS: Final = {
    "documentType": "Kind of the document that is paid.",
    "documentId": "Number that the feeding system knows it by.",
    "currencyId": "Currency of the payment, by lookup id; without it, the document's.",
    "currencyRate": f"Exchange rate of that currency: {RATE_TEXT}. The euro has 1.0, whatever is sent. Another "
    "currency needs it, unless it is the document's own and the document has a rate.",
    "paymentDate": "Day it was paid; without it, today in the company's time zone.",
    "paymentMethodId": "How it was paid, by lookup id; without it, as the client or supplier prefers, else by bank "
    "transfer.",
    "amount": "What was paid, in the currency of the payment, with at most two decimals; without it, all that remains. "
    "Negative for money that went back, and for what settles a credit note.",
}
_SHOWN_TEXTS: Final = {
    **KEY_TEXTS,
    "id": "Id, given by Kronika.",
    "paymentMethod": "How it was paid.",
    "currency": "Currency of the payment.",
    "paymentDate": "Day it was paid.",
    "amount": "What was paid, in that currency.",
    "currencyRate": f"Exchange rate of that currency: {RATE_TEXT}; 1.0 for the euro.",
    "receiptInvoice": "Always null: Kronika knows no invoices that were issued for a payment.",
}
_ID = {"id": "Id of the payment."}
_EXAMPLE = {"id": _EXAMPLE_ID}

CHAPTER: Final = Chapter(
    tag="Document payments",
    text="What was paid of invoices, proforma invoices and credit notes; as an extension of Kronika, of received "
    "invoices and receipts too.",
    operations=(
        Operation(
            id="listDocumentPayments",
            method="get",
            path=_PATH,
            summary="List the payments of a document",
            description="All payments of one document, the newest first.",
            success="The payments.",
            answer=DocumentPaymentList,
            answers={"paid": as_sent(DocumentPaymentList(_PAID[::-1]))},
            query=LIST_FIELDS,
            query_texts={
                "documentType": "Kind of the document.",
                "documentId": "Number that the feeding system knows it by.",
            },
            parameter_examples=_OF,
        ),
        Operation(
            id="createDocumentPayment",
            method="post",
            path=_PATH,
            summary="Record a payment",
            description="Records that a document was paid, whole or in part; the document alone is enough. What "
            "remains to be paid and the payment status change with it, and a `document_payment_added` is written on "
            "the document's timeline.\n\n"
            "A payment in another currency than the document's is converted by both rates when it is recorded, rounded "
            "half up to cents, and not again. It needs a rate of the document too (else 422 on `currencyId`).\n\n"
            "More may be paid than remains: `toBePaid` is negative then, and the document `paid`. A refund is a "
            "negative amount. Where nothing remains, `amount` must be sent. A document has at most "
            f"{MOST_PAYMENTS:,} payments.",
            success="The payment as it was recorded.",
            answer=DocumentPaymentView,
            answers=_SHOWN,
            status=201,
            body=Body("DocumentPaymentInput", described(PAYMENT_FIELDS, _INPUT_TEXTS), {"part": _PART, "rest": _OF}),
            keyed=True,
        ),
        Operation(
            id="showDocumentPayment",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show a payment",
            description="The payment as it was recorded.",
            success="The payment.",
            answer=DocumentPaymentView,
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
        Operation(
            id="deleteDocumentPayment",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a payment",
            description="Takes a payment away: what it settled is to be paid again. The event about it stays on the "
            "timeline.",
            success="It is gone.",
            status=204,
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
    ),
    things=(
        Thing(DocumentPaymentView, "A payment of a document.", _SHOWN_TEXTS),
        Thing(DocumentPaymentList, "The payments of a document.", {"data": "The payments, the newest first."}),
    ),
)
