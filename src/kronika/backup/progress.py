"""How far a backup or a restore is."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    DATABASE = "database"
    FILES = "files"
    CHECKING = "checking"


class Progress(Protocol):
    """Called after every piece of at most 8 MiB and after every file, with the totals of the step so far."""

    def __call__(self, step: Step, size: int, *, of: int | None = None, files: int = 0, of_files: int = 0) -> None:
        """`size` bytes are done, of `of` if that is known beforehand."""
        ...
