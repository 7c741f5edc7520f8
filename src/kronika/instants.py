"""Instants as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def local_iso8601(at: datetime, zone: ZoneInfo) -> str:
    """`2026-03-10T10:00:00+01:00`: whole seconds with the zone's offset, as the SQL function of this name writes it."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def local_iso8601_of_epoch(seconds: int, zone: ZoneInfo) -> str:
    """The same of an instant in seconds since 1970."""
    return local_iso8601(datetime.fromtimestamp(seconds, UTC), zone)


def local_iso8601_exact(at: datetime, zone: ZoneInfo) -> str:
    """`2026-03-10T10:00:00.123+01:00`: milliseconds with the zone's offset, for logs."""
    return at.astimezone(zone).isoformat(timespec="milliseconds")
