"""Currencies of documents: ISO 4217 code and mark; names from CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from kronika.lookups.cldr import as_label, locale

# In the order of their ids, from 1. HRK is no longer money, but old documents have it.
_CODES_AND_MARKS = """
EUR €   USD $   JPY ¥   BGN лв  CZK Kč  DKK kr  GBP £   HUF Ft  PLN zł  RON lei SEK kr
CHF CHF ISK kr  NOK kr  HRK kn  RUB ₽   TRY ₺   AUD $   BRL R$  CAD $   CNY ¥   HKD $
IDR Rp  ILS ₪   INR ₹   KRW ₩   MXN $   MYR RM  NZD $   PHP ₱   SGD $   THB ฿   ZAR R
"""


class Currency(Struct, frozen=True):
    """A currency as the API shows it: `symbol` is its code in ISO 4217, `mark` its sign; `name` is localized."""

    id: int
    symbol: str
    name: str
    mark: str


def _codes_and_marks() -> dict[int, tuple[str, str]]:
    words = _CODES_AND_MARKS.split()
    return dict(enumerate(zip(words[::2], words[1::2], strict=True), 1))


CURRENCIES = _codes_and_marks()
"""ISO 4217 code and mark by id."""
EURO = 1


@cache
def currencies(language: str) -> Mapping[int, Currency]:
    """All currencies by id, named in this language (one of LANGUAGE_TAGS)."""
    names = locale(language).currencies
    return {number: Currency(number, code, as_label(names[code]), mark) for number, (code, mark) in CURRENCIES.items()}
