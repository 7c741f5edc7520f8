"""Files in a folder. Written beside it under a passing name, synced, then renamed: a file is whole or not there.

By hand and not through obstore, which does not sync what it writes to a local disk.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Sequence
from contextlib import suppress
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import Final

from kronika.durable import sync_folder
from kronika.errors import Unavailable
from kronika.storage.files import DRAFTS, LARGEST_PIECE, FileMissing, StoredFile
from kronika.threads import in_thread

RESERVE: Final = 128 * 1024 * 1024
"""Bytes of the disk that files leave free: the embedded PostgreSQL may be on the same one, and stops without room."""
_BATCH = 500
_FOLDERS_REMEMBERED = 20_000


class LocalFiles:
    """A file is `folder/<key>`; folders and files are their owner's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / DRAFTS
        # Folders whose entries up to the root are on the disk for sure.
        self._synced: set[Path] = set()

    def prepare(self) -> None:
        """Makes the folder.

        Raises OSError.
        """
        self._folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        # The embedded PostgreSQL may have opened the way to it: here it ends.
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._drafts.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self._folder)
        sync_folder(self._folder.parent)

    async def put(self, key: str, pieces: AsyncIterable[bytes]) -> None:
        draft = self._drafts / secrets.token_hex(16)
        try:
            with await in_thread(_create, draft) as file:
                async for piece in _gathered(pieces):
                    await in_thread(_write, file, piece)
                await in_thread(os.fsync, file.fileno())
            await in_thread(self._place, draft, self._folder / key)
        except OSError as error:
            raise Unavailable from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    async def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        try:
            file = await in_thread(FileIO, self._folder / key)
        except FileNotFoundError as error:
            raise FileMissing(key) from error
        except OSError as error:
            raise Unavailable from error
        with file:
            end = start + length
            while start < end:
                try:
                    piece = await in_thread(os.pread, file.fileno(), min(LARGEST_PIECE, end - start), start)
                except OSError as error:
                    raise Unavailable from error
                if not piece:
                    raise FileMissing(key)
                start += len(piece)
                yield piece

    async def delete(self, keys: Sequence[str]) -> None:
        try:
            await in_thread(self._unlink, keys)
        except OSError as error:
            raise Unavailable from error

    async def batches(self) -> AsyncGenerator[list[StoredFile]]:
        found = self._walk()
        try:
            while (batch := await in_thread(next, found, None)) is not None:
                yield batch
        except OSError as error:
            raise Unavailable from error

    async def drop_drafts(self, before: float) -> int:
        try:
            return await in_thread(self._drop_drafts, before)
        except OSError as error:
            raise Unavailable from error

    def _place(self, draft: Path, file: Path) -> None:
        folder = file.parent
        folder.mkdir(mode=0o700, exist_ok=True, parents=True)
        draft.rename(file)
        sync_folder(folder)
        if folder not in self._synced:
            # Another process may have made them a moment ago, and not have come to its sync.
            sync_folder(folder.parent)
            sync_folder(self._folder)
            if len(self._synced) >= _FOLDERS_REMEMBERED:
                self._synced.clear()
            self._synced.add(folder)

    def _unlink(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self._folder / key).unlink(missing_ok=True)

    def _walk(self) -> Generator[list[StoredFile]]:
        for company in _folders(self._folder):
            if not company.name.isdecimal():
                continue
            for folder in _folders(company):
                with os.scandir(folder) as entries:
                    while batch := list(islice(entries, _BATCH)):
                        yield [stored for entry in batch if (stored := self._stored(entry))]

    def _stored(self, entry: os.DirEntry[str]) -> StoredFile | None:
        with suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False):
                return StoredFile(str(Path(entry.path).relative_to(self._folder)), entry.stat().st_mtime)
        return None  # None of ours, or taken away since it was listed.

    def _drop_drafts(self, before: float) -> int:
        dropped = 0
        for entry in list(os.scandir(self._drafts)):
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    Path(entry.path).unlink()
                    dropped += 1
        return dropped


def _folders(above: Path) -> list[Path]:
    """What operators and their systems put beside ours, a link, a `.DS_Store`, is passed over."""
    with os.scandir(above) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def _create(draft: Path) -> FileIO:
    _leave_reserve(draft.parent)
    return FileIO(draft, "xb", opener=lambda path, flags: os.open(path, flags, 0o600))


def _leave_reserve(place: Path | int) -> None:
    disk = os.statvfs(place)
    if disk.f_bavail * disk.f_frsize < RESERVE:
        raise OSError(errno.ENOSPC, "files leave the last of the disk to others")


def _write(file: FileIO, piece: bytes) -> None:
    _leave_reserve(file.fileno())
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


async def _gathered(pieces: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """The same bytes in pieces that are worth a trip to a thread."""
    gathered: list[bytes] = []
    size = 0
    async for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= LARGEST_PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
