"""Answers that are streamed, and the ranges of them that clients ask for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from time import monotonic
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

_STALLED_SECONDS: Final = 120
"""How long a client may take no byte of a piece before its answer is given up."""
_LEAST_SECONDS: Final = 120
_BYTES_A_SECOND: Final = 16 * 1024
"""A body may take the former, and a second more for every so many bytes: who takes one a minute is given up as well."""

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class _Stalled(Exception):
    pass


class Stream(StreamingResponse):
    """Pieces as the client takes them: granian waits in `send` until there is room, so no more than some are in memory.

    What goes wrong in the middle breaks the connection, so that nobody takes half for the whole. For a reader who takes
    nothing that ends our side alone: the file is closed and nothing more is read, but what the system has taken over of
    the answer stays, and so does the TCP connection until the reader's end goes (a proxy's `send_timeout` sees to it).
    """

    def __init__(self, pieces: AsyncGenerator[bytes], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(pieces, status, headers)
        self._pieces = pieces

    async def stream_response(self, send: Send) -> None:
        started, sent = monotonic(), 0

        async def send_in_time(message: Message) -> None:
            nonlocal sent
            sent += len(message.get("body", b""))
            if monotonic() - started > _LEAST_SECONDS + sent / _BYTES_A_SECOND:
                raise _Stalled
            try:
                async with asyncio.timeout(_STALLED_SECONDS):
                    await send(message)
            except TimeoutError:
                raise _Stalled from None

        async with aclosing(self._pieces):
            # Left unfinished, the answer is never taken for whole.
            with suppress(_Stalled):
                await super().stream_response(send_in_time)


async def begun(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The same pieces, the first of them in hand: what is wrong from the start is raised here and now."""
    first = await anext(pieces)

    async def resumed() -> AsyncGenerator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return resumed()


def without_body(status: int, headers: Mapping[str, str]) -> Response:
    """What a HEAD answers: the headers of the GET."""
    response = Response(status_code=status)
    response.raw_headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return response


def client_has(request: Request, etag: str) -> bool:
    """Whether the client says that it has what the strong `etag` stands for (If-None-Match, weakly compared)."""
    said = ",".join(request.headers.getlist("if-none-match"))
    return said.strip() == "*" or etag in _TAG.findall(said)


class Range(Struct, frozen=True):
    """A part of `whole` bytes: `length` of them from `start`."""

    start: int
    length: int
    whole: int

    @property
    def is_whole(self) -> bool:
        return self.length == self.whole

    @property
    def shown(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.whole}"


def asked_range(request: Request, whole: int, etag: str) -> Range | None:
    """The part the client asks for; all of it when it asks for none, for several, or for one of something older.

    None: it begins behind the end.
    """
    everything = Range(0, whole, whole)
    if request.headers.get("if-range", etag) != etag:
        return everything
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or not any(asked.groups()):
        return everything
    if not asked[1]:
        length = min(int(asked[2]), whole)
        return Range(whole - length, length, whole) if length else None
    start, last = int(asked[1]), min(int(asked[2] or whole - 1), whole - 1)
    if asked[2] and int(asked[2]) < start:
        return everything
    return Range(start, last - start + 1, whole) if start < whole else None
