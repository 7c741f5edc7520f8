"""Payments of documents as they are stored, and as the API shows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from kronika.documents.models import PayableType, shown_rate
from kronika.lookups.currencies import Currency, currencies
from kronika.lookups.payment_methods import PaymentMethod, payment_methods


class Payment(Struct, frozen=True):
    """A stored payment, with its document's name in the feeding system. `currency_rate`: units of its currency for one
    euro; `settled`: its amount in the document's currency.
    """

    id: int
    document: int
    document_type: PayableType
    document_id: int
    payment_method_id: int
    currency_id: int
    currency_rate: Decimal
    payment_date: date
    amount: Decimal
    settled: Decimal


class DocumentPaymentView(Struct, frozen=True, rename="camel"):
    """A payment as the API shows it. The contract can name the invoice that was issued for it: none is known here."""

    id: int
    document_type: PayableType
    document_id: int
    payment_method: PaymentMethod
    currency: Currency
    payment_date: str
    amount: Decimal
    currency_rate: Decimal
    receipt_invoice: None = None


def payment_view(payment: Payment, language: str) -> DocumentPaymentView:
    return DocumentPaymentView(
        id=payment.id,
        document_type=payment.document_type,
        document_id=payment.document_id,
        payment_method=payment_methods(language)[payment.payment_method_id],
        currency=currencies(language)[payment.currency_id],
        payment_date=payment.payment_date.isoformat(),
        amount=payment.amount,
        currency_rate=shown_rate(payment.currency_rate),
    )
