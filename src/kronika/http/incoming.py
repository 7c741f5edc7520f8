"""The body of a request as it arrives, within bounds of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Final

from starlette.requests import Request
from starlette.types import Message

from kronika.errors import PayloadTooLarge, RequestTimeout
from kronika.http.context import context

_SILENT_SECONDS: Final = 20
# A body may take this long, and a second more for every so many bytes: a phone in a tunnel gets through, a client that
# sends a byte a second does not.
_LEAST_SECONDS: Final = 60
_BYTES_A_SECOND: Final = 16 * 1024
_LONGEST_SECONDS: Final = 3600
# What is read of a body that was refused, and for how long: of who is known, as much as the body might have had.
_REFUSED_SECONDS: Final = 20
_STRANGERS_BYTES: Final = 1024 * 1024
_STRANGERS_SECONDS: Final = 5


@asynccontextmanager
async def incoming(request: Request, *, most_bytes: int) -> AsyncGenerator[Incoming]:
    """The body. When what is done with it fails, the rest is passed over before the failure goes on: most clients read
    no answer before they have sent everything, and would see a broken connection instead.
    """
    body = Incoming(request, most_bytes)
    try:
        yield body
    except Exception:
        await body.pass_over()
        raise
    finally:
        body.release()


class Incoming:
    """A body that may have so many bytes. Never asked for behind its end, where no server answers."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        announced = request.headers.get("content-length", "")
        self.headers = request.headers
        self.ended = False
        self._about = context(request)
        self._about.close = True
        self._receive = request.receive
        self._most = most_bytes
        self._announced = int(announced) if announced.isdecimal() else 0
        self._received = 0
        self._waited = 0.0
        self._begun = False
        self._lost = False

    def judge_announced(self) -> None:
        """Raises PayloadTooLarge: it says itself that it will be."""
        if self._announced > self._most:
            raise PayloadTooLarge

    async def piece(self) -> bytes:
        """What comes next. Only the time that is spent waiting here counts.

        Raises RequestTimeout: it does not go on. PayloadTooLarge: it goes on for too long.
        """
        patience = min(_LEAST_SECONDS + self._received / _BYTES_A_SECOND, _LONGEST_SECONDS) - self._waited
        piece = await self._next(min(_SILENT_SECONDS, patience))
        if self._received > self._most:
            raise PayloadTooLarge
        return piece

    async def pass_over(self) -> None:
        """Reads the rest and keeps nothing, if it comes soon and is not too much."""
        known = self._about.company_id is not None
        most = self._most if known else _STRANGERS_BYTES
        deadline = monotonic() + (_REFUSED_SECONDS if known else _STRANGERS_SECONDS)
        end = self._received + most
        if self._announced > end or self._waits_for_us():
            return
        with suppress(RequestTimeout):
            while not self.ended and not self._lost and self._received <= end:
                await self._next(deadline - monotonic())

    def release(self) -> None:
        """Lets go of the connection, whoever still holds the body: a server keeps it open for as long."""
        self._receive = _nothing

    def _waits_for_us(self) -> bool:
        return not self._begun and self.headers.get("expect", "").lower() == "100-continue"

    async def _next(self, seconds: float) -> bytes:
        self._begun = True
        if seconds <= 0:
            raise self._given_up()
        started = monotonic()
        try:
            async with asyncio.timeout(seconds):
                message = await self._receive()
        except TimeoutError:
            raise self._given_up() from None
        finally:
            self._waited += monotonic() - started
        if message["type"] == "http.disconnect":
            raise self._given_up()
        body: bytes = message.get("body", b"")
        self._received += len(body)
        if not message.get("more_body"):
            self.ended = True
            self._about.close = False
        return body

    def _given_up(self) -> RequestTimeout:
        self._lost = True
        return RequestTimeout()


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
