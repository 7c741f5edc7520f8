"""What happens on a timeline, told to a signed-in browser as it happens: which events, and nothing of what they say."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.journal import Piece
from kronika.changes.stream import Watch, event_stream
from kronika.encoding import json_bytes
from kronika.errors import NotFound, Unauthenticated
from kronika.events.stretches import ids_on
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.web.forms import Form
from kronika.web.visitors import Member, SignInNeeded, a_member

_OURS: Final = "contact-activity-logs."


async def show_live(request: Request, who: Member, _: Form) -> Response:
    """Server-sent events named `events`, each with the ids of events of the timeline that were changed.

    Raises NotFound: no timeline is named. Unavailable: there are too many streams.
    """
    timeline = parse_integer(request.query_params.get("timeline", ""))
    asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
    after = parse_integer(asked)
    if timeline is None or request.method == "HEAD":
        raise NotFound
    tools = services(request)
    upto = await tools.horizon.reach(tools.database)

    async def tell(piece: Piece) -> bytes:
        ids = [change.resource_id for change in piece.changes if change.type.startswith(_OURS)]
        if not ids:
            return b""
        async with tools.database.transaction(who.company_id) as transaction:
            found = await ids_on(transaction, timeline, ids)
        return b"id: %d\nevent: events\ndata: %s\n\n" % (piece.next, json_bytes(found)) if found else b""

    async def still_there() -> None:
        try:
            await a_member(request)
        except SignInNeeded:
            raise Unauthenticated from None

    cursor = upto if after is None or not 0 < after <= upto else after
    return event_stream(request, who.company_id, cursor, Watch(tell, still_there))
