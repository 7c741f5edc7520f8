"""Duplicates of a request wait here, in the process, one behind the other.

PostgreSQL would make them wait too, but each on a connection of the pool: some ten senders of one key could then keep
every other request out. So at most one a process waits in the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager

from kronika.db.pool import LOCK_WAIT_SECONDS
from kronika.errors import KeyBusy


class _Turn:
    __slots__ = ("busy", "done", "lock", "takers")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.takers = 0
        self.busy = False
        self.done = False


class Turns:
    """A lock for each key that is in use, and for no other."""

    def __init__(self) -> None:
        self._turns: dict[Hashable, _Turn] = {}

    @asynccontextmanager
    async def take(self, key: Hashable) -> AsyncGenerator[None]:
        """Waits until nobody else has the key.

        Raises KeyBusy: it took longer than a wait in the database may, or who had the key before waited there in vain.
        """
        turn = self._turns.setdefault(key, _Turn())
        turn.takers += 1
        try:
            try:
                if turn.takers == 1:
                    await turn.lock.acquire()
                else:
                    async with asyncio.timeout(LOCK_WAIT_SECONDS):
                        await turn.lock.acquire()
            except TimeoutError:
                raise KeyBusy from None
            if turn.busy or turn.done:
                turn.lock.release()
            if turn.busy:
                # Another wait in the database would only add to the one behind us.
                raise KeyBusy
            if turn.done:
                # There is an answer to repeat, which nobody has to wait for.
                yield
                return
            try:
                yield
                turn.done = True
            except KeyBusy:
                turn.busy = True
                raise
            finally:
                turn.lock.release()
        finally:
            turn.takers -= 1
            if turn.takers == 0:
                del self._turns[key]
