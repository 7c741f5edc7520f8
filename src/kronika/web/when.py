"""Dates, times and numbers as people say them: in the reader's language and the company's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from msgspec import Struct

from kronika.users.models import Language
from kronika.web.texts import text

# Without and with a year; CLDR has no pattern with the weekday cut and the month whole.
_DAYS: Final = {"en": ("EEE d MMMM", "EEE d MMMM y"), "sk": ("EEE d. MMMM", "EEE d. MMMM y")}
_EXACT: Final = {"en": "EEEE d MMMM y, HH:mm:ss", "sk": "EEEE d. MMMM y, HH:mm:ss"}


class Clock(Struct, frozen=True):
    """How one reader is told of time: his language, the company's zone, and the moment that is now."""

    language: Language
    zone: ZoneInfo
    now_is: datetime

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def day(self, day: date) -> str:
        """Today, Yesterday, Mon 3 March; with its year where that is another one."""
        today = self.local(self.now_is).date()
        if day in {today, today - timedelta(days=1)}:
            return text(self.language, "day.today" if day == today else "day.yesterday")
        pattern = _DAYS[self.language][day.year != today.year]
        return format_date(day, pattern, locale=self.language)

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

    def exact(self, at: datetime) -> str:
        """Everything of it, for who looks closer."""
        return format_datetime(self.local(at), _EXACT[self.language], locale=self.language)

    def iso(self, at: datetime) -> str:
        """For machines."""
        return self.local(at).isoformat(timespec="seconds")

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.language)
