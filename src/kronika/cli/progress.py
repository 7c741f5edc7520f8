"""How far a long command is, on standard error: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_LINE_EVERY_SECONDS = 30
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def readable(size: float) -> str:
    """A size as people say it: 12.3 MiB."""
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - what the units are
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{size:.0f} bytes"


class Shown(Protocol):
    """Called with the totals of a step so far: `size` bytes are done, of `of` if that is known beforehand."""

    def __call__(self, step: str, size: int, *, of: int | None = None, files: int = 0, of_files: int = 0) -> None: ...

    def say(self, line: str) -> None:
        """A line that stays, above the bars."""
        ...


@contextmanager
def shown_progress(*, ends: bool = True) -> Generator[Shown]:
    """`ends`: where there are no bars, it is also said how far a step has come in the end."""
    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    if console.is_terminal:
        columns = (TextColumn("{task.description:9}"), BarColumn(), TextColumn("{task.fields[far]}"))
        with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
            yield _Bars(bars)
        return
    lines = _Lines(console)
    yield lines
    if ends:
        lines.close()


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, size: int, *, of: int | None = None, files: int = 0, of_files: int = 0) -> None:
        if step not in self._tasks:
            for done_task in self._tasks.values():
                self._bars.update(done_task, completed=1, total=1)
            self._tasks[step] = self._bars.add_task(step, total=None, far="")
        done, total = (files, of_files) if of_files else (size, of)
        self._bars.update(
            self._tasks[step], completed=done, total=total, far=_far(size, of=of, files=files, of_files=of_files)
        )

    def say(self, line: str) -> None:
        self._bars.console.print(line, markup=False)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._step: str | None = None
        self._last = ""
        self._due = 0.0

    def __call__(self, step: str, size: int, *, of: int | None = None, files: int = 0, of_files: int = 0) -> None:
        now = time.monotonic()
        if step != self._step:
            self.close()
            self._step, self._due = step, now + _LINE_EVERY_SECONDS
        self._last = f"{step}: {_far(size, of=of, files=files, of_files=of_files)}"
        if now >= self._due:
            self._say()
            self._due = now + _LINE_EVERY_SECONDS

    def say(self, line: str) -> None:
        self._console.print(line, markup=False)

    def close(self) -> None:
        """Says how far the last step came."""
        if self._last:
            self._say()

    def _say(self) -> None:
        self._console.print(self._last, markup=False)
        self._last = ""


def _far(size: int, *, of: int | None, files: int, of_files: int) -> str:
    parts = [f"{files} of {of_files} files,"] if of_files else []
    return " ".join([*parts, readable(size), *([f"of {readable(of)}"] if of is not None else [])])
