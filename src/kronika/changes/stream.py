"""The live stream: the journal as server-sent events, each as soon as it is final.

A stream holds no connection to the database, and reads from it by itself only while it is behind the others of its
company. It ends when its token does, when its client takes nothing, when the database fails, and with the server; the
client comes again with `Last-Event-ID` and has missed nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic
from typing import Any, Final, TypeAlias

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from kronika.changes.cursors import judge_cursor
from kronika.changes.following import following
from kronika.changes.journal import Piece, change_view
from kronika.changes.types import CHANGE_TYPES
from kronika.db.pool import LockWaitTimeout
from kronika.encoding import json_bytes
from kronika.errors import Complaints, Invalid, Problem, Unavailable
from kronika.http.admission import admit, identify
from kronika.http.lists import read_list_query
from kronika.http.services import Services, services
from kronika.input.fields import Field, choice, integer, parse_integer
from kronika.metrics.numbers import STREAMS_OPEN

STREAM_FIELDS: dict[str, Field[Any]] = {"after": integer(0), "type": choice(*CHANGE_TYPES)}

Tell: TypeAlias = Callable[[Piece], Awaitable[bytes]]
"""How changes are told as server-sent events; nothing of them: there is nothing to tell."""

_HEARTBEAT_SECONDS: Final = 15.0
_STALLED_SECONDS: Final = 30
# Nobody is told anything by a token that was revoked so long ago.
_TRUST_SECONDS: Final = 1.0
MOST_OF_A_COMPANY: Final = 100
_MOST: Final = 1000

_open: Counter[int] = Counter()
"""How many streams of each company this process serves."""


class _EventStream(StreamingResponse):
    """A body without an end. Who takes nothing for long is given up."""

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(_STALLED_SECONDS):
                await send(message)

        async with aclosing(self.body_iterator):  # type: ignore[type-var] - ours is a generator
            with suppress(TimeoutError):
                await super().stream_response(send_in_time)


async def stream_changes(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, STREAM_FIELDS)
    last_id = request.headers.get("last-event-id", "")
    after = values["after"] if not last_id else parse_integer(last_id)
    if last_id and (after is None or after < 0):
        complaints = Complaints()
        complaints.add("Last-Event-ID", "integer")
        raise Invalid(complaints)
    upto = await services(request).horizon.reach(services(request).database)
    await judge_cursor(request, who.company_id, after or 0, upto, "Last-Event-ID" if last_id else "after")
    change_type: str | None = values["type"]

    async def tell(piece: Piece) -> bytes:
        lines = await piece.once("lines", _lines)
        return b"".join(line for type_, line in lines if change_type in {None, type_})

    async def still_there() -> None:
        # The token may have been revoked.
        await identify(request)

    watch = Watch(tell, still_there, change_type)
    return event_stream(request, who.company_id, watch, after=upto if after is None else after, upto=upto)


async def _lines(piece: Piece) -> list[tuple[str, bytes]]:
    """Of each change its type, and how it is told."""
    return [
        (
            change.type,
            b"id: %d\nevent: %s\ndata: %s\n\n"
            % (change.position, change.type.encode(), json_bytes(change_view(change))),
        )
        for change in piece.changes
    ]


class Watch(Struct, frozen=True):
    """What a stream shows. `still_there` raises when whoever asked is nobody any more; `change_type`: of no other type
    anything is told.
    """

    tell: Tell
    still_there: Callable[[], Awaitable[None]]
    change_type: str | None = None


class _Trust:
    """That who asked is still somebody."""

    def __init__(self, still_there: Callable[[], Awaitable[None]]) -> None:
        self._still_there = still_there
        self._asked_at = monotonic()

    async def renew(self, after_seconds: float) -> None:
        if monotonic() - self._asked_at >= after_seconds:
            await self._still_there()
            self._asked_at = monotonic()


def event_stream(request: Request, company_id: int, watch: Watch, *, after: int, upto: int) -> Response:
    """The company's changes behind `after`; `upto`: the horizon.

    Raises Unavailable: there are too many streams already.
    """
    if _open[company_id] >= MOST_OF_A_COMPANY or _open.total() >= _MOST:
        raise Unavailable
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _counted(company_id, _events(services(request), company_id, watch, after, upto))
    return _EventStream(events, headers=headers, media_type="text/event-stream")


async def _counted(company_id: int, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    _open[company_id] += 1
    STREAMS_OPEN.grow(1)
    try:
        async with aclosing(events):
            async for event in events:
                yield event
    except (Problem, LockWaitTimeout):
        return
    finally:
        STREAMS_OPEN.grow(-1)
        _open[company_id] -= 1
        if not _open[company_id]:
            del _open[company_id]


async def _events(tools: Services, company_id: int, watch: Watch, cursor: int, upto: int) -> AsyncGenerator[bytes]:
    trust = _Trust(watch.still_there)
    yield b"retry: 1000\n\n"
    beats_at = monotonic() + _HEARTBEAT_SECONDS
    with following(tools, company_id, upto) as reader:
        while not reader.is_over:
            piece = await reader.behind(cursor, watch.change_type)
            if piece is None:
                yield b"event: swept-away\ndata: {}\n\n"
                return
            cursor = piece.next
            if piece.changes and (told := await watch.tell(piece)):
                await trust.renew(_TRUST_SECONDS)
                yield told
            if monotonic() >= beats_at:
                await trust.renew(0)
                # The id goes on too, so that who comes again has not to read through what others have changed.
                yield b"id: %d\n: still here\n\n" % cursor
                beats_at = monotonic() + _HEARTBEAT_SECONDS
            await reader.wait(cursor, beats_at - monotonic())
