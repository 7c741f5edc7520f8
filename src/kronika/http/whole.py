"""Lists that are answered whole, however long they are."""

from __future__ import annotations

import tempfile
import weakref
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
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


# Each keeps its file on the disk until the client has taken it.
_AT_ONCE = 32
_AT_ONCE_OF_A_COMPANY = 4

_being_sent: Counter[int] = Counter()
"""How many lists of each company this process is making or sending."""


async def whole_list(company_id: int, batches: AsyncGenerator[Sequence[Struct]]) -> Response:
    """`{"data": [...]}` of a list of any length, in constant memory.

    It is written to a nameless file first, from where a client may take it as slowly as it likes: the database is read
    at its own speed, and what goes wrong is told by a status and not by a body that breaks off. Raises Unavailable:
    there is no room for the file, or too many lists are on their way already.
    """
    async with aclosing(batches):
        with _room_trouble():
            file, given_back = _new_file(company_id)
            try:
                await _write_list(file, batches)
            except BaseException:
                file.close()
                given_back()
                raise
    headers = {"Content-Type": JSON, "Content-Length": str(file.tell())}
    file.seek(0)
    return Stream(_pieces_of(file, given_back), HTTPStatus.OK, headers)


def _new_file(company_id: int) -> tuple[IO[bytes], Callable[[], object]]:
    """A file, and what gives its place back: at once, where it is known to have ended."""
    if _being_sent[company_id] >= _AT_ONCE_OF_A_COMPANY or _being_sent.total() >= _AT_ONCE:
        raise Unavailable
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - outlives this function
    _being_sent[company_id] += 1
    # However the answer ends, even before it begins.
    return file, weakref.finalize(file, _sent, company_id)


def _sent(company_id: int) -> None:
    _being_sent[company_id] -= 1
    if not _being_sent[company_id]:
        del _being_sent[company_id]


async def _write_list(file: IO[bytes], batches: AsyncIterable[Sequence[Struct]]) -> None:
    file.write(b'{"data":[')
    first = True
    async for batch in batches:
        part = json_bytes(batch)[1:-1]
        file.write(part if first else b"," + part)
        first = False
    file.write(b"]}")


async def _pieces_of(file: IO[bytes], given_back: Callable[[], object]) -> AsyncGenerator[bytes]:
    try:
        with file:
            while piece := file.read(PIECE):
                yield piece
    finally:
        given_back()


@contextmanager
def _room_trouble() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable from error
