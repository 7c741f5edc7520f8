"""One request and its answer on a connection of their own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final, cast

import h11

import kronika
from kronika.outgoing.urls import Url

LARGEST_ANSWER: Final = 16 * 1024
"""Bytes read of an answer, its head included."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)
_OURS = frozenset(
    {"host", "user-agent", "content-length", "connection", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
)

# How an answer is framed depends on the method only, so h11 is told of this one and not of each: a third of its time.
_ANY_POST = h11.Request(method="POST", target="/", headers=[("host", "any"), ("connection", "close")])
_END = h11.EndOfMessage()


def request_bytes(url: Url, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as it is sent. Header names are in lower case.

    Raises ValueError: a header would not be one line of printable ASCII, or is the sender's to set.
    """
    for name, value in headers.items():
        if name in _OURS or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"not a header to send: {name!r}")
    lines = [
        f"POST {url.target} HTTP/1.1",
        f"host: {url.authority}",
        f"user-agent: Kronika/{kronika.__version__}",
        "accept: */*",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"content-length: {len(body)}",
        "connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class Exchange(asyncio.BufferedProtocol):
    """Sends the request when the connection is there, and reads the answer to its end or as far as LARGEST_ANSWER.

    `status` is the future status code; None = what came is no answer, or ended early.
    """

    def __init__(self, request: bytes) -> None:
        self.status: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._answer = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_ANSWER)
        self._answer.send(_ANY_POST)
        self._answer.send(_END)
        self._code: int | None = None
        # A buffer, and not whatever the transport has read: of an endless answer not a byte more is fetched.
        self._buffer = memoryview(bytearray(LARGEST_ANSWER))
        self._filled = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, no isinstance: the transports of uvloop are not of asyncio's classes.
        cast("asyncio.Transport", transport).write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the protocol's signature
        # Full is finished, but an empty buffer is an error until the connection is closed.
        return self._buffer[self._filled :] or self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.status.done():
            return
        received = bytes(self._buffer[self._filled : self._filled + nbytes])
        self._filled += nbytes
        self._read(received)
        if self._filled == LARGEST_ANSWER:
            self._finish(self._code)

    def eof_received(self) -> None:
        self._read(b"")
        self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None and not self.status.done():
            self._read(b"")
        self._finish(None)

    def _read(self, received: bytes) -> None:
        try:
            self._answer.receive_data(received)
            while not self.status.done():
                match self._answer.next_event():
                    case h11.Response(status_code=code):
                        self._code = code
                    case h11.EndOfMessage():
                        self._finish(self._code)
                    case h11.NEED_DATA:
                        return
                    case h11.InformationalResponse() | h11.Data():
                        pass
                    case _:
                        self._finish(None)
        except h11.ProtocolError:
            self._finish(None)

    def _finish(self, status: int | None) -> None:
        if not self.status.done():
            self.status.set_result(status)
