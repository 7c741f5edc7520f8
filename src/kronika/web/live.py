"""What happens in a company, told to a signed-in browser as it happens.

    page("/c/{company}/cases/live", a_watching_member, show=live(board_news))

What a page wants to know is its own: `board_news` makes of a piece of the journal what is sent. That names what has
changed and says nothing of it: what a person may see is judged in one place, where pages are made. All tabs of a
company are told of the same pieces, so what it takes to know is found out with `piece.once` and not for each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final, TypeAlias, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kronika.changes.journal import Piece
from kronika.changes.stream import Watch, event_stream
from kronika.encoding import json_bytes
from kronika.errors import NotFound, Unauthenticated, Unavailable
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.web.forms import Form
from kronika.web.visitors import Member, SignInNeeded, a_watching_member

# What is sent of a piece, as JSON; None: nothing in it is for this page.
Tell: TypeAlias = Callable[[Piece], Awaitable[Any | None]]
Show: TypeAlias = Callable[[Request, Member, Form], Awaitable[Response]]

MOST_OF_A_USER: Final = 30
"""In one process: one person's tabs must not take up all that a company may have, nor all there are."""
_open: Counter[int] = Counter()


def live(news: Callable[[Request, Member], Tell]) -> Show:
    """Server-sent events named `news`, from the position in `Last-Event-ID` or `after` on, else from now.

    The page raises Unavailable: there are too many already.
    """

    async def show(request: Request, who: Member, _: Form) -> Response:
        tell = news(request, who)
        if request.method == "HEAD":
            raise NotFound
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = parse_integer(asked)
        tools = services(request)
        upto = await tools.horizon.reach(tools.database)
        if _open[who.user_id] >= MOST_OF_A_USER:
            raise Unavailable

        async def write(piece: Piece) -> bytes:
            told = await tell(piece)
            return b"" if told is None else b"id: %d\nevent: news\ndata: %s\n\n" % (piece.next, json_bytes(told))

        async def still_there() -> None:
            try:
                await a_watching_member(request)
            except SignInNeeded:
                raise Unauthenticated from None

        cursor = upto if after is None or not 0 < after <= upto else after
        response = event_stream(request, who.company_id, Watch(write, still_there), after=cursor, upto=upto)
        assert isinstance(response, StreamingResponse)
        response.body_iterator = _counted(who.user_id, response.body_iterator)
        return response

    return show


async def _counted(user_id: int, told: AsyncIterable[Any]) -> AsyncGenerator[Any]:
    _open[user_id] += 1
    try:
        async with aclosing(cast(AsyncGenerator[Any], told)):
            async for piece in told:
                yield piece
    finally:
        _open[user_id] -= 1
        if not _open[user_id]:
            del _open[user_id]
