from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from kronika.documents.models import PAYABLE_TYPES
from kronika.input.fields import Field, choice, identifier, lookup, required
from kronika.input.quantities import amount, day, rate
from kronika.lookups.fixed import CURRENCY_IDS, PAYMENT_METHOD_IDS

PAYMENT_FIELDS: dict[str, Field[Any]] = {
    "documentType": required(choice(*PAYABLE_TYPES)),
    "documentId": required(identifier()),
    "currencyId": lookup(CURRENCY_IDS),
    "currencyRate": rate(),
    "paymentDate": day(),
    "paymentMethodId": lookup(PAYMENT_METHOD_IDS),
    "amount": amount(nonzero=True),
}


class AskedPayment(Struct, frozen=True):
    """What a client says of a payment; what it leaves out (None) is found out from the document."""

    currency_id: int | None = None
    currency_rate: Decimal | None = None
    payment_date: date | None = None
    payment_method_id: int | None = None
    amount: Decimal | None = None


def asked_payment(values: dict[str, Any]) -> AskedPayment:
    return AskedPayment(
        values["currencyId"],
        values["currencyRate"],
        values["paymentDate"],
        values["paymentMethodId"],
        values["amount"],
    )
