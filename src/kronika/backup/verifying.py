"""`kronika restore --verify`: is this a whole backup that this Kronika can restore?"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from kronika.backup.about import About, decode_about
from kronika.backup.archive import ABOUT, DATABASE, FILES, SECRET, Entry, read_archive
from kronika.backup.errors import DamagedError
from kronika.backup.progress import Progress, Step
from kronika.settings import judged_secret_key

_LONGEST_TEXT = 1024 * 1024


def verify(stream: BinaryIO, size: int, progress: Progress, *, judge: Callable[[About], None] | None = None) -> About:
    """Reads an archive of `size` bytes to its end, and says what it is of.

    `judge` is told as soon as that is known, and may raise, which saves the reading of the rest.

    Raises DamagedError: one byte is not as it was written. BackupError: only a newer Kronika can restore it.
    """
    about: About | None = None
    pieces = files = done = 0
    secret: str | None = None
    for entry in read_archive(stream):
        if entry.name == ABOUT:
            about = _told(entry, judge)
        elif entry.name == SECRET:
            secret = secret_of(entry)
        elif entry.name.startswith(DATABASE):
            pieces += 1
        elif entry.name.startswith(FILES):
            files += 1
        for _ in entry.pieces:
            done = stream.tell()
            progress(Step.CHECKING, done, of=size)
    if about is None or not pieces:
        raise DamagedError("it holds no database")
    if files != about.files or (secret is None) is (about.secret_key == "included"):
        raise DamagedError("it does not hold what it says it does")
    if secret is not None and not about.is_of(secret):
        raise DamagedError("its secret key is not its database's")
    progress(Step.CHECKING, size, of=size)
    return about


def _told(entry: Entry, judge: Callable[[About], None] | None) -> About:
    about = decode_about(text_of(entry))
    if judge:
        judge(about)
    return about


def text_of(entry: Entry) -> bytes:
    """The whole of a small entry."""
    if entry.size > _LONGEST_TEXT:
        raise DamagedError(f"{entry.name} is far too long")
    return b"".join(entry.pieces)


def secret_of(entry: Entry) -> str:
    try:
        return judged_secret_key(text_of(entry).decode("ascii").removesuffix("\n"))
    except ValueError:
        raise DamagedError(f"{entry.name} holds no secret key") from None
