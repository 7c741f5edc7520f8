"""Fields of what is counted in decimals, and of days."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from kronika.errors import Complaints
from kronika.input.fields import Field
from kronika.input.normalise import Json

LARGEST_AMOUNT = 10**13
"""Of money, either way. Within it a float names every cent exactly, so nothing is lost on the way through JSON."""
LARGEST_RATE = 10_000_000
ONE = Decimal("1.00000000")
"""The rate of the euro."""
_AMOUNT_DECIMALS = 2
_RATE_DECIMALS = 8

_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def amount(*, nonzero: bool = False) -> Field[Decimal]:
    """An amount of money: a number, or one written as a string, with at most two decimals."""
    schema = {"type": "number", "minimum": -LARGEST_AMOUNT, "maximum": LARGEST_AMOUNT}

    def read(value: Json, path: str, complaints: Complaints) -> Decimal | None:
        number = parse_decimal(value)
        if number is not None and number < -LARGEST_AMOUNT:
            complaints.add(path, "at_least", -LARGEST_AMOUNT)
            return None
        if nonzero and number == 0:
            complaints.add(path, "not_zero")
            return None
        return _bounded(number, path, complaints, largest=LARGEST_AMOUNT, decimals=_AMOUNT_DECIMALS)

    return Field(read, {**schema, "not": {"const": 0}} if nonzero else schema)


def rate() -> Field[Decimal]:
    """An exchange rate: units of a currency for one euro, more than 0."""

    def read(value: Json, path: str, complaints: Complaints) -> Decimal | None:
        number = parse_decimal(value)
        if number is not None and number <= 0:
            complaints.add(path, "above_zero")
            return None
        return _bounded(number, path, complaints, largest=LARGEST_RATE, decimals=_RATE_DECIMALS)

    return Field(read, {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_RATE})


def _bounded(
    number: Decimal | None, path: str, complaints: Complaints, *, largest: int, decimals: int
) -> Decimal | None:
    if number is None:
        complaints.add(path, "number")
    elif number > largest:
        complaints.add(path, "at_most", largest)
    elif number != (rounded := round(number, decimals)):
        complaints.add(path, "decimals_at_most", decimals)
    else:
        return rounded
    return None


def parse_decimal(value: Json) -> Decimal | None:
    """The number that was written, to its last digit; None where it is none (a boolean is no number)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float):
        # The shortest decimal that is this float: what was written (see normalise.py).
        return Decimal(repr(value))
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def day() -> Field[date]:
    """A day of the calendar, `2026-03-10`."""

    def read(value: Json, path: str, complaints: Complaints) -> date | None:
        found = parse_day(value)
        if found is None:
            complaints.add(path, "date")
        return found

    return Field(read, {"type": "string", "format": "date"})


def parse_day(value: Json) -> date | None:
    """None where there is no such day."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
