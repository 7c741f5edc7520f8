"""Files that are still there after a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes sure that the folder's entries (a new file, a rename) are on the disk."""
    _sync(folder)


def sync_file(file: Path) -> None:
    """Makes sure that what was written to the file is on the disk. Raises OSError: it could not be written there."""
    _sync(file)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
