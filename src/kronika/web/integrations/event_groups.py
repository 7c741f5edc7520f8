"""The types that can be subscribed to, in groups of what they happen to."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from kronika.changes.types import CHANGE_TYPES
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES


class EventGroup(Struct, frozen=True):
    """`clients`, and what happens to them: pairs of `created` and `clients.created`."""

    name: str
    types: list[tuple[str, str]]


def _groups(*, happen_here: bool) -> list[EventGroup]:
    known = {change_type.partition(".")[0] for change_type in CHANGE_TYPES}
    groups: dict[str, EventGroup] = {}
    for event_type in WEBHOOK_EVENT_TYPES:
        name, _, verb = event_type.partition(".")
        if (name in known) == happen_here:
            groups.setdefault(name, EventGroup(name, [])).types.append((verb, event_type))
    return list(groups.values())


GROUPS: Final = _groups(happen_here=True)
GROUPS_ELSEWHERE: Final = _groups(happen_here=False)
"""What is never made in Kronika, so that it is never told of either."""
