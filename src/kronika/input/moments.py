"""Fields of instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kronika.errors import Complaints
from kronika.input.fields import Field
from kronika.input.normalise import Json

_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII | re.IGNORECASE,
)
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


def parse_instant(value: Json) -> datetime | None:
    """In UTC; None where there is no such instant."""
    if not isinstance(value, str) or not _SHAPE.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in _YEARS else None
