"""What events of a timeline may be, and how they stand there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TYPES = ("note", "email", "phone_call")
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)


def newest_first(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: (datetime.fromisoformat(event["createdAt"]), event["id"]), reverse=True)
