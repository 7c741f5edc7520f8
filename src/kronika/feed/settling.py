"""How much of a document a payment settles. All exact: nothing here is a float.

A rate is how many units of a currency one euro buys. A payment in another currency than its document's is converted by
both rates at the time it is recorded, rounded half up to cents, and not again.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from msgspec import Struct

from kronika.documents.models import Document
from kronika.errors import Complaints
from kronika.feed.payment_input import AskedPayment
from kronika.input.quantities import LARGEST_AMOUNT, ONE
from kronika.lookups.currencies import EURO

_CENT: Final = Decimal("0.01")
_DIGITS: Final = 60


class Settlement(Struct, frozen=True):
    """A payment's amount and rate, and what it is in the document's currency."""

    currency_id: int
    currency_rate: Decimal
    amount: Decimal
    settled: Decimal


def settlement(document: Document, asked: AskedPayment, complaints: Complaints) -> Settlement | None:
    """What a payment of the document comes to; None, and why: a rate is missing, or there is nothing to pay."""
    currency_id = asked.currency_id or document.currency_id or EURO
    # What could not be read has been complained about, and is not missing.
    if asked.amount is None and not document.is_open and "amount" not in complaints:
        complaints.add("amount", "nothing_to_pay")
    rate = _rate(document, currency_id, asked)
    if rate is None and "currencyRate" not in complaints:
        complaints.add("currencyRate", "rate_required")
    own_rate = ONE if document.currency_id == EURO else document.currency_rate
    is_own = currency_id == document.currency_id
    if not is_own and own_rate is None:
        complaints.add("currencyId", "not_convertible")
    if complaints or rate is None:
        return None
    factor = (ONE, ONE) if is_own or own_rate is None else (own_rate, rate)
    if asked.amount is not None:
        found = Settlement(currency_id, rate, asked.amount, _converted(asked.amount, *factor))
    else:
        remaining = document.to_be_paid or Decimal(0)
        found = Settlement(currency_id, rate, _converted(remaining, *reversed(factor)), remaining)
    if not found.amount:
        complaints.add("amount", "not_zero")
    if max(abs(found.amount), abs(found.settled)) > LARGEST_AMOUNT:
        complaints.add("amount", "at_most", LARGEST_AMOUNT)
    return None if complaints else found


def _rate(document: Document, currency_id: int, asked: AskedPayment) -> Decimal | None:
    if currency_id == EURO:
        return ONE
    # The document's own, of its own currency, is better than none.
    return asked.currency_rate or (document.currency_rate if currency_id == document.currency_id else None)


def _converted(amount: Decimal, numerator: Decimal, denominator: Decimal) -> Decimal:
    with localcontext(prec=_DIGITS):
        return (amount * numerator / denominator).quantize(_CENT, ROUND_HALF_UP)
