"""What Home is told live: which events of the company are new or changed."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from kronika.changes.journal import Piece
from kronika.web.live import Tell
from kronika.web.visitors import Member

_OURS: Final = "contact-activity-logs."


def home_news(_: Request, __: Member) -> Tell:
    """The ids of events."""

    async def tell(piece: Piece) -> list[int] | None:
        return [change.resource_id for change in piece.changes if change.type.startswith(_OURS)] or None

    return tell
