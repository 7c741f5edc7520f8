"""The newest of a company's journal, read once for all streams that follow it in this process.

A stream is a cursor. What is behind it is in the window, where it is new, or else in the journal, and the same in both.
So whoever joins behind, or is slow, reads by himself until he is where the others are: nobody waits for him, and he
misses nothing and is told nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

import structlog

from kronika.changes.journal import Piece, read_journal, swept_up_to
from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Problem
from kronika.http.services import Services

_PIECE: Final = 200
_MOST_PIECES: Final = 32
# Notifications may be lost; then the journal is looked into after so long.
_LOOK_EVERY_SECONDS: Final = 1.0
# After news, those of so long are read at once.
_GATHER_SECONDS: Final = 0.025

_log = structlog.get_logger("kronika")


class Window:
    """All changes behind `begin` and up to `end`."""

    def __init__(self, at: int) -> None:
        self.begin = self.end = at
        self._pieces: deque[Piece] = deque()

    @property
    def last(self) -> int:
        """Behind it nothing has happened up to the end."""
        return self._pieces[-1].next if self._pieces else self.begin

    def add(self, piece: Piece) -> None:
        """What comes behind the end."""
        if piece.changes:
            if len(self._pieces) == _MOST_PIECES:
                self.begin = self._pieces.popleft().next
            self._pieces.append(piece)
        self.end = piece.next

    def forget(self) -> None:
        """It is empty; who has not taken what was in it reads it by himself."""
        self.begin = self.last
        self._pieces.clear()

    def behind(self, cursor: int) -> Piece:
        """The next piece for a cursor that is not before `begin`."""
        for piece in self._pieces:
            if piece.next > cursor:
                return piece.behind(cursor)
        return Piece([], max(cursor, self.end), more=False)


class Reader:
    """Keeps the window of a company, from a horizon on, until it is stopped, the server stops or the database fails."""

    def __init__(self, tools: Services, company_id: int, at: int) -> None:
        self.followers = 0
        self._tools = tools
        self._company_id = company_id
        self._window = Window(at)
        self._moved = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        return self._task.done()

    def stop(self) -> None:
        self._task.cancel()

    async def behind(self, cursor: int, change_type: str | None = None) -> Piece | None:
        """What there is behind the cursor now, of all types where the window has it; None: some has been swept away.

        Raises as `Database.call` does.
        """
        if cursor >= self._window.begin:
            return self._window.behind(cursor)
        return await self._read(cursor, self._window.end, [change_type] if change_type else None)

    async def wait(self, cursor: int, seconds: float) -> None:
        """Until there is something behind the cursor, or so long, or until the reader is over."""
        if cursor >= self._window.last and not self.is_over:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._moved.wait()

    async def _run(self) -> None:
        try:
            with self._tools.database.news.waiter(self._company_id) as waiter:
                news: set[int] = set()
                while not self._tools.stopping.is_set():
                    await self._look()
                    if news:
                        await asyncio.sleep(_GATHER_SECONDS)
                    news = await waiter.wait(_LOOK_EVERY_SECONDS)
                    if not news:
                        self._window.forget()
        except (Problem, LockWaitTimeout) as error:
            # Those who follow come again.
            _log.warning("streams end", company=self._company_id, cause=type(error.__cause__).__name__)
        except Exception:  # noqa: BLE001 - whatever it was, nobody may wait for a reader that is no more
            _log.exception("streams end", company=self._company_id)
        finally:
            self._moved.set()

    async def _look(self) -> None:
        upto = await self._tools.horizon.reach(self._tools.database)
        while self._window.end < upto:
            piece = await self._read(self._window.end, upto)
            if piece is None:
                # Each finds out by himself what he has missed.
                self._window = Window(upto)
            else:
                self._window.add(piece)
            if piece is None or piece.changes:
                self._moved.set()
                self._moved = asyncio.Event()

    async def _read(self, after: int, upto: int, types: list[str] | None = None) -> Piece | None:
        async with self._tools.database.transaction(self._company_id) as transaction:
            piece = await read_journal(transaction, after=after, upto=upto, limit=_PIECE, types=types)
            return None if 0 < after < await swept_up_to(transaction) else piece


_readers: dict[tuple[Database, int], Reader] = {}


@contextmanager
def following(tools: Services, company_id: int, at: int) -> Generator[Reader]:
    """The company's reader while the block lasts; a new one begins at the horizon `at`."""
    place = (tools.database, company_id)
    reader = _readers.get(place)
    if reader is None or reader.is_over:
        reader = _readers[place] = Reader(tools, company_id, at)
    reader.followers += 1
    try:
        yield reader
    finally:
        reader.followers -= 1
        if not reader.followers:
            reader.stop()
            if _readers.get(place) is reader:
                del _readers[place]
