"""Where the processes of one run keep their numbers, and what these add up to."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from kronika.metrics.kinds import Gauge, Number
from kronika.metrics.ledger import CELL_BYTES, CELLS, SUFFIX

_PREFIX: Final = "kronika-metrics-"

Key: TypeAlias = tuple[str, tuple[str, ...]]
"""A number's name and the values of its labels."""


class _Line(Struct, array_like=True, frozen=True):
    name: str
    labels: tuple[str, ...]
    start: int
    size: int


class Folder:
    """Sums over processes, those that are gone included: a counter never goes back while the folder is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._past: defaultdict[Key, list[float]] = defaultdict(list)

    def totals(self) -> dict[Key, list[float]]:
        """The cells of each number, added up. Gauges are those of processes that live."""
        totals: defaultdict[Key, list[float]] = defaultdict(list)
        self.tidy()
        for file in self.path.glob(f"*{SUFFIX}"):
            _add(totals, file)
        for key, cells in self._past.items():
            totals[key] = _sum(totals[key], cells)
        return totals

    def tidy(self) -> None:
        """Takes over what processes counted that are gone, so that their files do not pile up."""
        for file in self.path.glob(f"*{SUFFIX}"):
            with _abandoned(file) as is_abandoned:
                if is_abandoned:
                    self._take_over(file)

    def _take_over(self, file: Path) -> None:
        gone: defaultdict[Key, list[float]] = defaultdict(list)
        _add(gone, file)
        file.unlink()
        for key, cells in gone.items():
            if not isinstance(Number.all[key[0]], Gauge):
                self._past[key] = _sum(self._past[key], cells)


@contextmanager
def run_folder() -> Generator[Folder]:
    """A folder for one run, below the one for temporary files; those that killed runs have left there are removed.

    Raises OSError: it cannot be made.
    """
    base = Path(tempfile.gettempdir())
    for left in base.glob(f"{_PREFIX}*"):
        _remove_if_left(left)
    path, lock = _held_folder(base)
    try:
        yield Folder(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _held_folder(base: Path) -> tuple[Path, int]:
    # Locked as long as the run lasts. That also keeps systemd's cleaner of temporary folders away from it.
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            # Another run that began at this moment has taken it for one that was left.
            os.close(lock)


def _remove_if_left(path: Path) -> None:
    with suppress(OSError):
        about = path.lstat()
        if stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid():
            with _abandoned(path) as is_abandoned:
                if is_abandoned:
                    shutil.rmtree(path)


@contextmanager
def _abandoned(path: Path) -> Generator[bool]:
    """Whether nobody holds it; nobody comes to hold it while the block lasts."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(file)


def _add(totals: defaultdict[Key, list[float]], file: Path) -> None:
    content = file.read_bytes()
    cells: Sequence[float] = array("d", content[: CELLS * CELL_BYTES])
    for line in _lines(content[CELLS * CELL_BYTES :]):
        number = Number.all.get(line.name)
        # A worker that came after an upgrade may count what this process does not know, or in another way.
        if number is not None and (number.size, len(number.labels)) == (line.size, len(line.labels)):
            key = (line.name, line.labels)
            totals[key] = _sum(totals[key], cells[line.start : line.start + line.size])


def _lines(content: bytes) -> Iterator[_Line]:
    for line in content.split(b"\n")[1:]:
        # The disk may have been full in the middle of one.
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(line, type=_Line)


def _sum(cells: Sequence[float], more: Sequence[float]) -> list[float]:
    return [a + b for a, b in zip(cells, more, strict=True)] if cells else list(more)
