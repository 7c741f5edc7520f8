"""Up to where the journal is final: nothing will ever appear at or before this position that is not there now.

See migration 0017 for how it is known. Each process finds it out for itself, which is as good as if one did for all: a
position that is final for one is final for everybody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct

from kronika.db.pool import Database
from kronika.errors import Unavailable

_MARK: Final = "SELECT upto, bound FROM mark_journal()"
_OLDEST: Final = "SELECT oldest_transaction() AS oldest"
_KNOWN: Final = "SELECT position FROM journal_horizon"
_MAKE_KNOWN: Final = """
UPDATE journal_horizon SET position = greatest(position, %(position)s::bigint) RETURNING position
"""
# Seconds. Others who write now are mostly done in some milliseconds.
_PAUSES: Final = (0.0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
# Of the first look in the life of a database: there is nothing older to answer with.
_FIRST_PAUSES: Final = (*_PAUSES, *(0.1,) * 50)
_MOST_MARKS: Final = 1000
_MAKE_KNOWN_SECONDS: Final = 10.0


class _Mark(Struct, frozen=True):
    upto: int
    bound: int


class _Position(Struct, frozen=True):
    position: int


class _Oldest(Struct, frozen=True):
    oldest: int


class Horizon:
    """The horizon as this process knows it."""

    def __init__(self) -> None:
        self._final = 0
        self._marks: deque[_Mark] = deque(maxlen=_MOST_MARKS)
        self._lock = asyncio.Lock()
        self._began = 0
        self._answered = 0
        self._known = 0
        self._make_known_at = 0.0

    async def reach(self, database: Database) -> int:
        """The horizon, once it includes what was committed before the call, or after a tenth of a second: somebody who
        writes for long holds it back. Where nothing was ever known, it waits
        for five seconds. Who comes while others are asking shares the next answer.

        Raises as `Database.call` does, and Unavailable: nothing is known yet, and somebody writes for long.
        """
        wanted = self._began + 1
        async with self._lock:
            if self._answered >= wanted:
                # Begun after we came, and ended well: it includes what we wait for.
                return self._final
            self._began += 1
            if not self._final:
                self._final = (await database.call(_Position, _KNOWN, {})).position
            mark = await database.call(_Mark, _MARK, {})
            if mark.upto > self._final:
                self._marks.append(mark)
                await self._wait_for(mark, database)
            if not self._final and mark.upto:
                # Nobody knows yet, and 0 would mean that everything is still to come.
                raise Unavailable
            await self._make_known(database)
            self._answered = self._began
            return self._final

    async def _wait_for(self, mark: _Mark, database: Database) -> None:
        for pause in _PAUSES if self._final else _FIRST_PAUSES:
            await asyncio.sleep(pause)
            self._advance((await database.call(_Oldest, _OLDEST, {})).oldest)
            if self._final >= mark.upto:
                return

    async def _make_known(self, database: Database) -> None:
        now = asyncio.get_running_loop().time()
        if self._final > self._known and now >= self._make_known_at:
            self._known, self._make_known_at = self._final, now + _MAKE_KNOWN_SECONDS
            await database.call(_Position, _MAKE_KNOWN, {"position": self._final})

    def _advance(self, oldest: int) -> None:
        while self._marks and self._marks[0].bound <= oldest:
            self._final = max(self._final, self._marks.popleft().upto)
