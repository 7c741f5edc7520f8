"""From the parts of a form to files in the store. All are taken, or none is."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from typing import Final

import structlog
from msgspec import Struct

from kronika.attachments.kinds import HEAD, kind_of
from kronika.attachments.models import TakenFile
from kronika.attachments.names import shown_name
from kronika.errors import Complaints, Invalid, Unavailable
from kronika.http.multipart import Multipart, Part
from kronika.storage.files import Files, new_key

FIELD: Final = "files"
_FIELD_NAME = re.compile(r"files(\[\d{0,9}\])?", re.ASCII)

_log = structlog.get_logger("kronika")


class Limits(Struct, frozen=True):
    """Of one call: files, and bytes of each."""

    files: int
    bytes: int


class _TooLarge(Exception):
    pass


async def take_in(form: Multipart, files: Files, company_id: int, limits: Limits) -> list[TakenFile]:
    """The files of the form, in order, their bytes durable.

    Raises Invalid, told of all files at once, and what reading the form raises; then nothing of them is kept.
    """
    taken: list[TakenFile] = []
    complaints = Complaints()
    number = 0
    try:
        async for part in form.parts():
            if not _FIELD_NAME.fullmatch(part.name):
                continue
            if number == limits.files:
                complaints.add(FIELD, "items_at_most", limits.files)
                raise Invalid(complaints)
            keeper = None if complaints else files
            if file := await _taken(part, f"{FIELD}.{number}", keeper, company_id, limits.bytes, complaints):
                taken.append(file)
            number += 1
        if number == 0:
            complaints.add(FIELD, "required")
        if complaints:
            raise Invalid(complaints)
    except BaseException:
        await drop(files, taken)
        raise
    return taken


async def drop(files: Files, taken: Sequence[TakenFile]) -> None:
    """Takes away what no row names. What is left behind is swept."""
    if taken:
        try:
            await files.delete([file.key for file in taken])
        except Unavailable as error:
            _log.warning("files left to the sweep", number=len(taken), cause=repr(error.__cause__))


async def _taken(
    part: Part, path: str, files: Files | None, company_id: int, most: int, complaints: Complaints
) -> TakenFile | None:
    """The file in the store; None: complained about, or only measured because `files` is None."""
    gauge = _Gauge(part, most)
    key = new_key(company_id)
    try:
        first = await anext(gauge.pieces, None)
        if first is None:
            complaints.add(path, "file_empty")
            return None
        if files is None:
            async for _ in gauge.pieces:
                pass
            return None
        await files.put(key, _resumed(first, gauge.pieces))
    except _TooLarge:
        complaints.add(path, "bytes_at_most", most)
        return None
    name = shown_name(part.file_name)
    return TakenFile(key, name, kind_of(bytes(gauge.head), name), gauge.size)


class _Gauge:
    """Measures what passes, and keeps its beginning."""

    def __init__(self, part: Part, most: int) -> None:
        self.size = 0
        self.head = bytearray()
        self.pieces = self._pieces(part, most)

    async def _pieces(self, part: Part, most: int) -> AsyncGenerator[bytes]:
        async for piece in part.pieces():
            self.size += len(piece)
            if self.size > most:
                raise _TooLarge
            if len(self.head) < HEAD:
                self.head += piece[: HEAD - len(self.head)]
            yield piece


async def _resumed(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece
