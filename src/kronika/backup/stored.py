"""Stored files, beside what the database says of them."""

from __future__ import annotations

import os
from collections.abc import Set as AbstractSet
from pathlib import Path

from kronika.backup.errors import BackupError
from kronika.backup.snapshot import NamedFile, Snapshot


def files_left_out(snapshot: Snapshot, folder: Path) -> AbstractSet[str]:
    """Keys of uploads whose bytes are not there, or not all. They wait for an event for a day at most, and one that
    got them would show a file that nobody can open.

    Raises BackupError: so it is with an attachment, or a file cannot be looked at.
    """
    left_out: set[str] = set()
    for file in snapshot.files:
        try:
            there = (folder / file.key).stat().st_size
        except FileNotFoundError:
            there = None
        except OSError as error:
            raise _lacking(snapshot, file, f"cannot be read: {error.strerror}: {folder / file.key}") from None
        if there == file.size:
            continue
        if file.claimed:
            raise _lacking(snapshot, file, _difference(folder / file.key, there, file.size))
        left_out.add(file.key)
    return left_out


def opened(snapshot: Snapshot, folder: Path, file: NamedFile) -> int:
    """A handle for reading. Raises BackupError: it is not as the database says."""
    try:
        handle = os.open(folder / file.key, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _lacking(snapshot, file, f"cannot be read: {error.strerror}: {folder / file.key}") from None
    there = os.fstat(handle).st_size
    if there != file.size:
        os.close(handle)
        raise _lacking(snapshot, file, _difference(folder / file.key, there, file.size))
    return handle


def _difference(path: Path, there: int | None, size: int) -> str:
    return f"is missing: {path}" if there is None else f"has {there} bytes and not {size}: {path}"


def _lacking(snapshot: Snapshot, file: NamedFile, how: str) -> BackupError:
    return BackupError(
        f"a file of {snapshot.who_names(file.key)} {how}; put it back from an older backup, or remove the attachment "
        "(deletedAttachmentIds in a PATCH of its event)"
    )
