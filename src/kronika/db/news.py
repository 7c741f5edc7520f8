"""That something has changed, told at once to those who wait for it, in this process and in others.

It is only a hint: what has changed is read from the journal, and whoever waits looks there now and then by himself. So
nothing is lost when a notification is. NOTIFY comes after the commit, for many commits at a time, and only while
somebody listens: inside the transactions it would make them commit one after the other.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, LiteralString
from uuid import uuid4

import psycopg
import structlog
from msgspec import Struct

from kronika.db.statements import Connection
from kronika.errors import Unavailable

if TYPE_CHECKING:
    from kronika.db.pool import Database

_CHANNEL: Final = "kronika_changes"
_GATHER_SECONDS: Final = 0.005
_LOOK_EVERY_SECONDS: Final = 1.0
_LIVES_SECONDS: Final = 10
_RENEW_EVERY: Final = 3
# PostgreSQL takes 8,000 bytes: so many companies at a time.
_MOST_AT_ONCE: Final = 350

_IS_LISTENED_TO: Final = "SELECT is_listened_to() AS yes"
_KEEP_LISTENING: Final = "SELECT keep_listening(%(listener)s, %(seconds)s) AS yes"
_NOTIFY: Final = "SELECT pg_notify(%(channel)s, %(companies)s) IS NOT NULL AS yes"

_log = structlog.get_logger("kronika")


class _Answer(Struct, frozen=True):
    yes: bool


class Waiter:
    """Waits for news of one company."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until there are news, or so long. What came since the last wait counts."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()

    def wake(self) -> None:
        self._event.set()


class News:
    """Those who wait in this process, and what is to be told to others."""

    def __init__(self, database: Database, conninfo: str) -> None:
        self._database = database
        self._conninfo = conninfo
        self._listener = uuid4()
        self._waiters: defaultdict[int, set[Waiter]] = defaultdict(set)
        self._is_listened_to = False
        self._untold: set[int] = set()
        self._telling: asyncio.Task[None] | None = None

    @contextmanager
    def waiter(self, company_id: int) -> Generator[Waiter]:
        """Somebody who waits for news of a company."""
        waiter = Waiter()
        self._waiters[company_id].add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[company_id].discard(waiter)
            if not self._waiters[company_id]:
                del self._waiters[company_id]

    def changed(self, company_id: int) -> None:
        """Something of this company has been committed."""
        self._wake(company_id)
        if self._is_listened_to:
            self._untold.add(company_id)
            if self._telling is None or self._telling.done():
                self._telling = asyncio.create_task(self._tell())

    async def run(self) -> None:
        """Listens while somebody waits here, and finds out whether anybody does elsewhere, until it is cancelled."""
        listening: asyncio.Task[None] | None = None
        try:
            while True:
                self._is_listened_to = await self._ask(_IS_LISTENED_TO, {}, otherwise=self._is_listened_to)
                if self._waiters and (listening is None or listening.done()):
                    listening = asyncio.create_task(self._listen())
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
        finally:
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, connect_timeout=10)
            async with connection:
                await connection.execute(f"LISTEN {_CHANNEL}")
                while self._waiters:
                    await self._hear(connection)
        except psycopg.Error as error:
            # The next look tries again; who waits looks into the journal by himself meanwhile.
            _log.warning("not listening", error=type(error).__name__)

    async def _hear(self, connection: Connection) -> None:
        await self._ask(_KEEP_LISTENING, {"listener": self._listener, "seconds": _LIVES_SECONDS}, otherwise=True)
        async for notification in connection.notifies(timeout=_RENEW_EVERY):
            for company_id in notification.payload.split(","):
                self._wake(int(company_id))

    async def _tell(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._untold:
            companies = [self._untold.pop() for _ in range(min(len(self._untold), _MOST_AT_ONCE))]
            payload = ",".join(map(str, companies))
            await self._ask(_NOTIFY, {"channel": _CHANNEL, "companies": payload}, otherwise=True)

    async def _ask(self, statement: LiteralString, values: dict[str, object], *, otherwise: bool) -> bool:
        try:
            return (await self._database.call(_Answer, statement, values)).yes
        except Unavailable:
            return otherwise

    def _wake(self, company_id: int) -> None:
        for waiter in self._waiters.get(company_id, ()):
            waiter.wake()
