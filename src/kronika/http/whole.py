"""Lists that are answered whole, however long they are."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO

from msgspec import Struct
from starlette.responses import Response

from kronika.encoding import json_bytes
from kronika.errors import Unavailable
from kronika.http.responses import JSON
from kronika.http.streams import Stream

PIECE = 64 * 1024
"""Bytes."""
_IN_MEMORY = 1024 * 1024


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
    headers = {"Content-Type": JSON, "Content-Length": str(file.tell())}
    file.seek(0)
    return Stream(_pieces_of(file), HTTPStatus.OK, headers)


async def _write_list(file: IO[bytes], batches: AsyncIterable[Sequence[Struct]]) -> None:
    file.write(b'{"data":[')
    first = True
    async for batch in batches:
        part = json_bytes(batch)[1:-1]
        file.write(part if first else b"," + part)
        first = False
    file.write(b"]}")


async def _pieces_of(file: IO[bytes]) -> AsyncGenerator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def _room_trouble() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable from error
