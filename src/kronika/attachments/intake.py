"""From the parts of a form to files in the store. All are taken, or none is."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
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


async def take_in(
    form: Multipart, files: Files, company_id: int, limits: Limits, *, required: bool = True
) -> list[TakenFile]:
    """The files of the form, in order, their bytes durable. `required`: there must be one.

    Raises Invalid, told of all files at once, and what reading the form raises; then nothing of them is kept.
    """
    intake = _Intake(files, company_id, limits, required=required)
    try:
        await intake.take(form)
    except BaseException:
        await drop(files, intake.taken)
        raise
    return intake.taken


async def drop(files: Files, taken: Sequence[TakenFile]) -> None:
    """Takes away what no row names. What is left behind is swept."""
    if taken:
        try:
            await files.delete([file.key for file in taken])
        except Unavailable as error:
            _log.warning("files left to the sweep", number=len(taken), cause=repr(error.__cause__))


class _Intake:
    """One form on its way into the store."""

    def __init__(self, files: Files, company_id: int, limits: Limits, *, required: bool) -> None:
        self.taken: list[TakenFile] = []
        self._files = files
        self._company_id = company_id
        self._limits = limits
        self._required = required
        self._complaints = Complaints()

    async def take(self, form: Multipart) -> None:
        number = 0
        async with aclosing(form.parts()) as parts:
            async for part in parts:
                if not _FIELD_NAME.fullmatch(part.name):
                    continue
                if number == self._limits.files:
                    # What else is wrong is no longer worth the disk.
                    self._complaints.add(FIELD, "items_at_most", self._limits.files)
                    raise Invalid(self._complaints)
                await self._take_part(part, f"{FIELD}.{number}")
                number += 1
        if number == 0 and self._required:
            self._complaints.add(FIELD, "required")
        if self._complaints:
            raise Invalid(self._complaints)

    async def _take_part(self, part: Part, path: str) -> None:
        if part.file_name is None:
            self._complaints.add(path, "file")
            return
        gauge = _Gauge(self._limits.bytes)
        try:
            async with aclosing(gauge.passing(part)) as pieces:
                first = await anext(pieces, None)
                if first is None:
                    self._complaints.add(path, "file_empty")
                elif self._complaints:
                    # It will not be kept: it is only measured.
                    async for _ in pieces:
                        pass
                else:
                    key = new_key(self._company_id)
                    await self._files.put(key, _resumed(first, pieces))
                    name = shown_name(part.file_name)
                    self.taken.append(TakenFile(key, name, kind_of(bytes(gauge.head), name), gauge.size))
        except _TooLarge:
            self._complaints.add(path, "bytes_at_most", self._limits.bytes)


class _Gauge:
    """Measures what passes, and keeps its beginning."""

    def __init__(self, most: int) -> None:
        self.size = 0
        self.head = bytearray()
        self._most = most

    async def passing(self, part: Part) -> AsyncGenerator[bytes]:
        async for piece in part.pieces():
            self.size += len(piece)
            if self.size > self._most:
                raise _TooLarge
            if len(self.head) < HEAD:
                self.head += piece[: HEAD - len(self.head)]
            yield piece


async def _resumed(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for piece in rest:
        yield piece
