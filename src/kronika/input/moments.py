"""Fields of instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kronika.errors import Complaints
from kronika.input.fields import Field
from kronika.input.normalise import Json

_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII | re.IGNORECASE,
)
_LOCAL_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?", re.ASCII)
# Far enough from where Python's years end that every zone can show it.
_YEARS = range(1970, 9999)


def instant() -> Field[datetime]:
    """A date and time with its offset by RFC 3339, section 5.6, in the years 1970 to 9998; finer than a microsecond is
    cut off.
    """

    def read(value: Json, path: str, complaints: Complaints) -> datetime | None:
        found = parse_instant(value)
        if found is None:
            complaints.add(path, "instant")
        return found

    return Field(read, {"type": "string", "format": "date-time"})


def local_time(zone: ZoneInfo) -> Field[datetime]:
    """A date and time of a clock on the wall in this zone, as a browser's field writes it; gives the instant, in UTC.

    What such a clock shows twice is the first of the two; what it leaves out is an hour later.
    """

    def read(value: Json, path: str, complaints: Complaints) -> datetime | None:
        found = None
        if isinstance(value, str) and _LOCAL_SHAPE.fullmatch(value):
            found = parse_instant(_with_offset(value, zone))
        if found is None:
            complaints.add(path, "local_time")
        return found

    return Field(read, {"type": "string"})


def _with_offset(value: str, zone: ZoneInfo) -> str | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def parse_instant(value: Json) -> datetime | None:
    """In UTC; None where there is no such instant."""
    if not isinstance(value, str) or not _SHAPE.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in _YEARS else None
