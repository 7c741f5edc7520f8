"""Requests that would wait for one lock of the database wait here, in the process, one behind the other.

In the database each would wait on a connection of the pool, and some ten of one company could keep all others out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager

from kronika.errors import Unavailable

# Whoever waits here keeps nobody else from anything, so it may be longer than a wait in the database.
_LONGEST_WAIT_SECONDS = 20


class Lanes:
    """A lock for each name that is in use, and for no other."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, tuple[asyncio.Lock, list[None]]] = {}

    @asynccontextmanager
    async def take(self, name: Hashable) -> AsyncGenerator[None]:
        """Waits until nobody else has it.

        Raises Unavailable: it took too long.
        """
        lock, takers = self._lanes.setdefault(name, (asyncio.Lock(), []))
        takers.append(None)
        try:
            try:
                async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                    await lock.acquire()
            except TimeoutError as error:
                raise Unavailable from error
            try:
                yield
            finally:
                lock.release()
        finally:
            takers.pop()
            if not takers:
                del self._lanes[name]
