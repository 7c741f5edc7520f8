"""A file that has its name only once it is whole and on the disk."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kronika.backup.archive import ABOUT
from kronika.backup.errors import BackupError
from kronika.durable import sync_folder

_BEGINNING = f"{ABOUT}\0".encode()


@contextmanager
def draft_of(file: Path, *, overwrite: bool) -> Generator[BinaryIO]:
    """The stream, readable too, of FILE.partial, which becomes FILE when the block ends well, else it is removed.

    Nobody but its owner may read it. A draft that a killed process left is taken over.

    Raises BackupError: FILE is there and may not be overwritten, somebody else is writing it, or the draft is no
    backup's. OSError.
    """
    _refuse_taken(file, overwrite=overwrite)
    draft = file.with_name(f"{file.name}.partial")
    with _locked(draft) as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            _publish(draft, file, overwrite=overwrite)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    sync_folder(file.parent)


def flush_to_disk(stream: BinaryIO) -> None:
    """What is read after this comes, where the system allows it, from the disk and not from memory."""
    stream.flush()
    os.fsync(stream.fileno())
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _locked(draft: Path) -> Generator[BinaryIO]:
    while True:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w+b", buffering=1024 * 1024) as stream:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"{draft} is being written by somebody else") from None
            if _is_ours(draft, os.fstat(handle)):
                _refuse_foreign(draft, handle)
                os.fchmod(handle, 0o600)
                os.ftruncate(handle, 0)
                yield stream
                return


def _is_ours(draft: Path, opened: os.stat_result) -> bool:
    """Whether the opened file still is the draft. Between open and lock it may have been published or removed."""
    try:
        if not os.path.samestat(draft.lstat(), opened):
            return False
    except FileNotFoundError:
        return False
    if opened.st_nlink > 1:
        # It was published by somebody killed before he took this name away: it is a backup, and whole.
        draft.unlink()
        return False
    return True


def _refuse_foreign(draft: Path, handle: int) -> None:
    """Only what a backup has begun may be written over: somebody else may have called a file so."""
    regular = stat.S_ISREG(os.fstat(handle).st_mode)
    if not regular or not _BEGINNING.startswith(os.pread(handle, len(_BEGINNING), 0)):
        raise BackupError(f"{draft}, where the backup is written first, is not a backup's: move it elsewhere")


def _publish(draft: Path, file: Path, *, overwrite: bool) -> None:
    if overwrite:
        _refuse_taken(file, overwrite=True)
        draft.replace(file)
        return
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        _refuse_taken(file, overwrite=False)
    except OSError:
        # A file system without hard links.
        _refuse_taken(file, overwrite=False)
        draft.replace(file)
    else:
        draft.unlink()


def _refuse_taken(file: Path, *, overwrite: bool) -> None:
    if file.is_dir():
        raise BackupError(f"{file} is a folder: name a file")
    if not os.path.lexists(file):
        return
    if not stat.S_ISREG(file.lstat().st_mode):
        raise BackupError(f"{file} is no regular file, which is all that is replaced: name a file, or - for a pipe")
    if not overwrite:
        raise BackupError(f"{file} is there already: name another file, or say --overwrite")
