"""The archive: a tar file that is verified to the last byte, written and read as a stream.

Its entries, in this order:

    about.json                      what it is of
    secret.key                      where it is included
    database/00000001 ...           the output of `pg_dump -Fc`, cut into pieces: a tar entry says its size first
    files/<company>/<aa>/<32 hex>   attachments, in the order of their names
    SHA256SUMS                      of all entries before it, as `sha256sum` writes and checks it

Headers have no freedom: each byte of one follows from name, size and the time of the backup. So a reader that makes
them anew and compares meets neither links nor devices nor foreign names, and finds a flipped bit wherever it is.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

from kronika.backup.errors import BackupError, DamagedError
from kronika.storage.files import FILE_KEY

PIECE: Final = 8 * 1024 * 1024
"""Bytes. The most that is in memory of whatever is copied."""

ABOUT: Final = "about.json"
SECRET: Final = "secret.key"
DATABASE: Final = "database/"
FILES: Final = "files/"
_SUMS: Final = "SHA256SUMS"

_ORDER = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (ABOUT, SECRET, f"{DATABASE}[0-9]{{8}}", f"{FILES}{FILE_KEY.pattern}", _SUMS)
)
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)
_SPOOLED = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """`pieces` are its content, to be taken before the next entry."""

    name: str
    size: int
    pieces: Iterator[bytes]


class Writer:
    """Adds entries. `size` is how many bytes the archive has so far."""

    def __init__(self, stream: BinaryIO, made_at: int, sums: IO[bytes]) -> None:
        self._stream = stream
        self._made_at = made_at
        self._sums = sums
        self.size = 0

    def append(self, name: str, size: int, pieces: Iterable[bytes]) -> None:
        """Adds an entry whose pieces are `size` bytes in all. Raises BackupError: they are not."""
        digest = self._write(name, size, pieces)
        self._sums.write(_sum_line(name, digest))

    def finish(self) -> None:
        size = self._sums.tell()
        self._sums.seek(0)
        self._write(_SUMS, size, iter(lambda: self._sums.read(PIECE), b""))
        self._put(_END)

    def _write(self, name: str, size: int, pieces: Iterable[bytes]) -> str:
        self._put(_header(name, size, self._made_at))
        digest = hashlib.sha256()
        written = 0
        for piece in pieces:
            written += len(piece)
            digest.update(piece)
            self._put(piece)
        if written != size:
            raise BackupError(f"{name} changed while it was read: it has {written} bytes and not {size}")
        self._put(_padding(size))
        return digest.hexdigest()

    def _put(self, piece: bytes) -> None:
        self.size += len(piece)
        self._stream.write(piece)


@contextmanager
def write_archive(stream: BinaryIO, made_at: int) -> Generator[Writer]:
    """Writes one archive, complete when the block ends well, to a stream that need not seek.

    `made_at`, seconds since 1970, is on every entry.
    """
    with tempfile.SpooledTemporaryFile(_SPOOLED) as sums:
        writer = Writer(stream, made_at, sums)
        yield writer
        writer.finish()


def read_archive(stream: BinaryIO) -> Generator[Entry]:
    """The entries of an archive but SHA256SUMS. Once it is exhausted, every byte has been verified, and not before.

    Raises DamagedError: anything is not as it was written.
    """
    sums = hashlib.sha256()
    previous = (-1, "")
    made_at: int | None = None
    while True:
        header = _exactly(stream, _BLOCK)
        name, size, time = _parsed(header)
        made_at = time if made_at is None else made_at
        if header != _header(name, size, made_at):
            raise DamagedError("an entry has a header that no backup writes")
        place = _place(name), name
        if place <= previous or (previous[0] < 0 and name != ABOUT):
            raise DamagedError(f"{name!a} is not expected where it stands")
        previous = place
        digest = hashlib.sha256()
        pieces = _pieces(stream, size, digest.update)
        if name != _SUMS:
            yield Entry(name, size, pieces)
        for _ in pieces:
            pass
        if _exactly(stream, len(_padding(size))) != _padding(size):
            raise DamagedError(f"there is something behind {name}")
        if name == _SUMS:
            break
        sums.update(_sum_line(name, digest.hexdigest()))
    if digest.digest() != sums.digest():
        raise DamagedError("checksums differ; `tar -xf` and `sha256sum -c SHA256SUMS` name the damaged entry")
    if _exactly(stream, len(_END)) != _END or stream.read(1):
        raise DamagedError("there is something behind its end")


def _header(name: str, size: int, made_at: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, made_at
    return entry.tobuf(tarfile.GNU_FORMAT)


def _parsed(header: bytes) -> tuple[str, int, int]:
    try:
        entry = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        raise DamagedError("an entry has no readable header") from None
    if entry.size < 0 or not 0 <= entry.mtime < 1 << 33:
        raise DamagedError("an entry has an impossible header")
    return entry.name, entry.size, int(entry.mtime)


def _place(name: str) -> int:
    for place, pattern in enumerate(_ORDER):
        if pattern.fullmatch(name):
            return place
    raise DamagedError(f"a backup has no entry {name!a}")


def _pieces(stream: BinaryIO, size: int, update: Callable[[bytes], None]) -> Generator[bytes]:
    while size:
        piece = _exactly(stream, min(size, PIECE))
        update(piece)
        size -= len(piece)
        yield piece


def _exactly(stream: BinaryIO, size: int) -> bytes:
    piece = stream.read(size)
    if len(piece) != size:
        raise DamagedError("it ends too early")
    return piece


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _sum_line(name: str, digest: str) -> bytes:
    return f"{digest}  {name}\n".encode("ascii")
