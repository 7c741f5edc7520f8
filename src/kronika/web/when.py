"""Dates, times and numbers as people say them: in the reader's language and the company's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision
from msgspec import Struct

from kronika.lookups.currencies import CURRENCIES
from kronika.users.models import Language
from kronika.web.texts import text

# Without and with a year; CLDR has no pattern with the weekday cut and the month whole.
_DAYS: Final = {"en": ("EEE d MMMM", "EEE d MMMM y"), "sk": ("EEE d. MMMM", "EEE d. MMMM y")}
# Days before months and a clock of 24 hours, as in everything else that pages say.
_LOCALES: Final = {"en": "en_GB", "sk": "sk"}
_KILO: Final = 1000
_EXACT: Final = {"en": "EEEE d MMMM y", "sk": "EEEE d. MMMM y"}


# A page names the same days again and again, and CLDR takes its time.
@lru_cache(maxsize=2048)
def _date(day: date, pattern: str, language: Language) -> str:
    return format_date(day, pattern, locale=_LOCALES[language])


@lru_cache(maxsize=2048)
def _money(amount: Decimal, currency_id: int, language: Language) -> str:
    code, _ = CURRENCIES[currency_id]
    is_usual = amount == round(amount, get_currency_precision(code))
    return format_currency(amount, code, locale=_LOCALES[language], currency_digits=is_usual)


class Clock(Struct, frozen=True):
    """How one reader is told of time: his language, the company's zone, and the moment that is now."""

    language: Language
    zone: ZoneInfo
    now_is: datetime

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def day(self, day: date) -> str:
        """Today, Yesterday, Mon 3 March, standing alone; with its year where that is another one."""
        day_said = self.day_within(day)
        return day_said[:1].upper() + day_said[1:]

    def day_within(self, day: date) -> str:
        """The same, inside a sentence: today, yesterday, Mon 3 March."""
        today = self.local(self.now_is).date()
        if day in {today, today - timedelta(days=1)}:
            return text(self.language, "day.today" if day == today else "day.yesterday")
        pattern = _DAYS[self.language][day.year != today.year]
        return _date(day, pattern, self.language)

    def day_of(self, at: datetime) -> str:
        """The day of a moment."""
        return self.day(self.local(at).date())

    def time(self, at: datetime) -> str:
        """14:05"""
        return f"{self.local(at):%H:%M}"

    def second(self, at: datetime) -> str:
        """14:05:09"""
        return f"{self.local(at):%H:%M:%S}"

    def moment(self, at: datetime) -> str:
        """Today 14:05"""
        return f"{self.day_of(at)} {self.time(at)}"

    def moment_within(self, at: datetime) -> str:
        """today 14:05"""
        return f"{self.day_within(self.local(at).date())} {self.time(at)}"

    def exact(self, at: datetime) -> str:
        """Everything of it, for who looks closer."""
        local = self.local(at)
        return f"{_date(local.date(), _EXACT[self.language], self.language)}, {local:%H:%M:%S}"

    def iso(self, at: datetime) -> str:
        """For machines."""
        return self.local(at).isoformat(timespec="seconds")

    def at(self, seconds: int) -> datetime:
        """The moment that is so many seconds since the epoch."""
        return datetime.fromtimestamp(seconds, self.zone)

    def date(self, day: date) -> str:
        """3 Mar 2026"""
        return _date(day, "medium", self.language)

    def month(self, day: date) -> str:
        """March 2026"""
        return _date(day, "LLLL y", self.language)

    def short_month(self, day: date) -> str:
        """Mar 2026"""
        return _date(day, "LLL y", self.language)

    def initial_of_month(self, day: date) -> str:
        """M"""
        return _date(day, "LLLLL", self.language)

    def money(self, amount: Decimal, currency_id: int | None) -> str:
        """€25.50, or 25,50 €, with its cents even where the currency knows none any more, if it has some."""
        if currency_id is None:
            return self.number(amount)
        return _money(amount, currency_id, self.language)

    def decimal(self, amount: Decimal | None) -> str:
        """25.50, or 25,50: as it is written into a field."""
        return "" if amount is None else format_decimal(amount, format="0.00", locale=_LOCALES[self.language])

    def size(self, size: int) -> str:
        """Of a file: 120 kB"""
        for unit in ("B", "kB"):
            if size < _KILO:
                return f"{size} {unit}"
            size = round(size / _KILO)
        return f"{size} MB"

    def number(self, number: float | Decimal) -> str:
        return format_decimal(number, locale=_LOCALES[self.language])
