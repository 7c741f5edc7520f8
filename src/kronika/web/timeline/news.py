"""What a page of a timeline is told live: which of its events are new or changed."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from kronika.changes.journal import Piece
from kronika.errors import NotFound
from kronika.events.stretches import ids_by_timeline
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.web.live import Tell
from kronika.web.visitors import Member

_OURS: Final = "contact-activity-logs."


def timeline_news(request: Request, who: Member) -> Tell:
    """The ids of events of the timeline that is asked for.

    Raises NotFound: none is.
    """
    timeline = parse_integer(request.query_params.get("timeline", ""))
    if timeline is None:
        raise NotFound
    database = services(request).database

    async def find(piece: Piece) -> dict[int, list[int]]:
        ids = [change.resource_id for change in piece.changes if change.type.startswith(_OURS)]
        if not ids:
            return {}
        async with database.transaction(who.company_id) as transaction:
            return await ids_by_timeline(transaction, ids)

    async def tell(piece: Piece) -> list[int] | None:
        return (await piece.once("events by timeline", find)).get(timeline)

    return tell
