"""Bodies that are sent piece by piece."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kronika.encoding import json_bytes
from kronika.errors import ClientStalled, Unavailable
from kronika.http.responses import JSON

PIECE = 64 * 1024
"""Bytes."""
_STALL_SECONDS = 30
_IN_MEMORY = 1024 * 1024


class Streamed(Response):
    """A body in pieces, each sent when the client has taken those before it."""

    def __init__(self, pieces: AsyncIterable[bytes], *, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI calls it
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for piece in self._pieces:
                await _send_piece(send, piece)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_piece(send: Send, piece: bytes) -> None:
    try:
        async with asyncio.timeout(_STALL_SECONDS):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError:
        raise ClientStalled from None


async def whole_list(batches: AsyncIterable[Sequence[Struct]]) -> Response:
    """`{"data": [...]}` of a list of any length, in constant memory.

    It is written to a nameless file first, from where a client may take it as slowly as it likes: the database is read
    at its own speed, and what goes wrong is told by a status and not by a body that breaks off. Raises Unavailable:
    there is no room for the file.
    """
    with _room_trouble():
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - outlives this function
        try:
            await _write_list(file, batches)
        except BaseException:
            file.close()
            raise
    headers = {"Content-Length": str(file.tell())}
    file.seek(0)
    return Streamed(_pieces_of(file), media_type=JSON, headers=headers)


async def _write_list(file: IO[bytes], batches: AsyncIterable[Sequence[Struct]]) -> None:
    file.write(b'{"data":[')
    first = True
    async for batch in batches:
        part = json_bytes(batch)[1:-1]
        file.write(part if first else b"," + part)
        first = False
    file.write(b"]}")


async def _pieces_of(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def _room_trouble() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable from error
