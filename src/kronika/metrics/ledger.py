"""The numbers of one process: cells of eight bytes, in a file that others may read while they are counted.

A counter costs an addition to memory, and what was counted outlives a `kill -9`. The file has the cells first, then a
line for each number that says which cells are its own. It belongs to whoever holds its lock; once nobody does, its
process is gone.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

CELLS: Final = 8192
CELL_BYTES: Final = 8
SUFFIX: Final = ".numbers"
MOST_CELLS_OF_ONE: Final = 32


class Ledger:
    """Not for threads: of two that add to a cell at once, one may be lost."""

    def __init__(self) -> None:
        self.cells = memoryview(bytearray(CELLS * CELL_BYTES)).cast("d")
        # The first ones take what has no place any more, and are shown to nobody.
        self._used = MOST_CELLS_OF_ONE
        self._lines: list[bytes] = []
        self._file: int | None = None

    def place(self, name: str, labels: Sequence[str], size: int) -> int:
        """The first of `size` new cells for this number. Where all are taken, it is counted and not shown."""
        start = self._used
        if start + size > CELLS:
            return 0
        self._used += size
        # A line that the end of the disk has cut off ends where the next begins.
        line = b"\n" + msgspec.json.encode((name, labels, start, size))
        self._lines.append(line)
        if self._file is not None:
            self._tell(self._file, line)
        return start

    def publish(self, folder: Path) -> None:
        """From now on others can read in this folder what has been counted and will be.

        Raises OSError: there is no room for the file.
        """
        draft = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            # Written and not only made long: a page that the disk has no room for would end the process (SIGBUS) when
            # it is counted in.
            _write(file, self.cells.tobytes() + b"".join(self._lines))
            fcntl.flock(file, fcntl.LOCK_EX)
            cells = memoryview(mmap.mmap(file, CELLS * CELL_BYTES)).cast("d")
            # Under its name only when locked: one that is not locked is taken for a dead process's.
            draft.rename(draft.with_suffix(SUFFIX))
        except OSError:
            os.close(file)
            draft.unlink(missing_ok=True)
            raise
        # Never closed: the lock lives as long as the process.
        self.cells, self._file = cells, file

    @staticmethod
    def _tell(file: int, line: bytes) -> None:
        try:
            _write(file, line)
        except OSError:
            # No room on the disk: counted all the same, and not shown.
            return


LEDGER: Final = Ledger()
"""This process's."""


def _write(file: int, content: bytes) -> None:
    if os.write(file, content) != len(content):
        raise OSError("no room")
