"""Amounts and days as people and their programs write them → as the API reads them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final

from msgspec import Struct

from kronika.errors import Refused

# Between thousands: the space, the no-break, the figure, the thin and the narrow no-break space.
_SPACES: Final = " \u00a0\u2007\u2009\u202f"
_NUMBER: Final = re.compile(rf"([+-]?)\s*([0-9]+(?:[{_SPACES}.,][0-9]+)*)")
_SEPARATOR: Final = re.compile(r"[^0-9]")
_THOUSAND_DIGITS: Final = 3
_DOTTED_DAY: Final = re.compile(r"([0-9]{1,2})\.\s*([0-9]{1,2})\.\s*([0-9]{4})")


class DecimalMark(Struct, frozen=True):
    """`,` or `.`, and whether the operator has said so: then the other one stands between thousands and nowhere else.

    Else either is understood where it can only be one thing, and `mark` decides about `1,234`.
    """

    mark: str
    is_said: bool = False


def plain_amount(cell: str, decimal: DecimalMark, signs: Collection[str] = (), *, grouped: bool = True) -> str | None:
    """`1 234,56 €` → `1234.56`. `signs`: how its currency may be written before or behind it; `grouped`: thousands may
    be set apart by `,` or `.` alone (in a rate they are not: 25.134 has three decimals). None: it is no amount.
    """
    text = _without_sign(cell.replace("\u2212", "-").strip(), signs)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    mark = _mark_of(digits, decimal, grouped=grouped)
    whole, _, decimals = digits.rpartition(mark) if mark else (digits, "", "")
    groups = _SEPARATOR.split(whole)
    between = set(_SEPARATOR.findall(whole))
    is_grouped = len(groups[0]) <= _THOUSAND_DIGITS and all(len(group) == _THOUSAND_DIGITS for group in groups[1:])
    if len(between) > 1 or mark in between or (between and not is_grouped) or _SEPARATOR.search(decimals):
        return None
    return f"{sign}{''.join(groups)}{mark and '.'}{decimals}"


def _mark_of(digits: str, decimal: DecimalMark, *, grouped: bool) -> str:
    """Which of `,` and `.` stands before the decimals; empty where none does."""
    marks = [character for character in digits if character in ",."]
    if decimal.is_said:
        return decimal.mark if decimal.mark in marks else ""
    if len(set(marks)) > 1:
        return marks[-1]
    if len(marks) != 1:
        return ""
    (mark,) = marks
    before, _, after = digits.partition(mark)
    could_be_thousands = (
        grouped
        and len(after) == _THOUSAND_DIGITS
        and len(before) <= _THOUSAND_DIGITS
        and not before.startswith("0")
        and mark != decimal.mark
    )
    return "" if could_be_thousands else mark


def _without_sign(text: str, signs: Collection[str]) -> str:
    for sign in signs:
        if text.upper().endswith(sign.upper()):
            return text[: -len(sign)].rstrip()
        # A minus may stand before the sign of the currency: -€ 5.
        head = text[:1] if text[:1] in {"-", "+"} else ""
        if text[len(head) :].upper().startswith(sign.upper()):
            return head + text[len(head) + len(sign) :].lstrip()
    return text


def plain_day(cell: str, date_format: str | None) -> str | None:
    """`10. 3. 2026` → `2026-03-10`. With a format (of strptime) what is written so, and None for all else."""
    if date_format is not None:
        try:
            return datetime.strptime(cell, date_format).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return None
    match = _DOTTED_DAY.fullmatch(cell)
    if match is None:
        return cell
    day, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def judge_date_format(date_format: str) -> None:
    """Raises Refused: it does not name a day. A time of day it may name: that is read past."""
    sample = datetime(2026, 3, 10)  # noqa: DTZ001 - a day has no zone
    try:
        if datetime.strptime(sample.strftime(date_format), date_format) == sample:  # noqa: DTZ007
            return
    except (ValueError, re.error):  # The latter for what is there twice.
        pass
    raise Refused(f"--date-format {date_format!r} must name day, month and year once, like %d/%m/%Y, and no time zone")
