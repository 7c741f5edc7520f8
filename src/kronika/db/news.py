"""That something has changed, told at once to those who wait for it, in this process and in others.

It is only a hint: what has changed is read from the journal, and whoever waits looks there now and then by himself. So
nothing is lost when a notification is. NOTIFY comes after the commit, for many commits at a time, and only while
somebody listens: inside the transactions it would make them commit one after the other.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Generator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final
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

_LISTENED_TO: Final = "SELECT listened_companies(%(listener)s) AS companies"
_KEEP_LISTENING: Final = "SELECT keep_listening(%(listener)s, %(companies)s::bigint[], %(seconds)s) AS yes"
_NOTIFY: Final = "SELECT pg_notify(%(channel)s, %(companies)s) IS NOT NULL AS yes"

_log = structlog.get_logger("kronika")


class _Answer(Struct, frozen=True):
    yes: bool


class _Listened(Struct, frozen=True):
    companies: list[int]


class Waiter:
    """Waits for news of the companies that it was made for, or that it chose."""

    def __init__(self) -> None:
        self.companies: AbstractSet[int] = frozenset()
        self._event = asyncio.Event()
        self._of: set[int] = set()

    async def wait(self, seconds: float) -> set[int]:
        """Until there are news, or so long. What came since the last wait counts.

        Of which companies there are news.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()
        changed, self._of = self._of, set()
        return changed

    def wake(self, company_id: int) -> None:
        self._of.add(company_id)
        self._event.set()


class News:
    """Those who wait in this process, and what is to be told to others."""

    def __init__(self, database: Database, conninfo: str) -> None:
        self._database = database
        self._conninfo = conninfo
        self._listener = uuid4()
        self._waiters: defaultdict[int, set[Waiter]] = defaultdict(set)
        self._listened_to: AbstractSet[int] = frozenset()
        self._told_to_tell: AbstractSet[int] = frozenset()
        self._untold: set[int] = set()
        self._telling: asyncio.Task[None] | None = None

    @contextmanager
    def waiter(self, *companies: int) -> Generator[Waiter]:
        """Somebody who waits for news of these companies."""
        waiter = Waiter()
        self.choose(waiter, frozenset(companies))
        try:
            yield waiter
        finally:
            self.choose(waiter, frozenset())

    def choose(self, waiter: Waiter, companies: AbstractSet[int]) -> None:
        """From now on the waiter waits for news of these companies."""
        for company_id in companies - waiter.companies:
            self._waiters[company_id].add(waiter)
        for company_id in waiter.companies - companies:
            self._waiters[company_id].discard(waiter)
            if not self._waiters[company_id]:
                del self._waiters[company_id]
        waiter.companies = companies

    def changed(self, company_id: int) -> None:
        """Something of this company has been committed."""
        self._wake(company_id)
        if company_id in self._listened_to:
            self._untold.add(company_id)
            if self._telling is None or self._telling.done():
                self._telling = asyncio.create_task(self._tell())

    def wake_all(self) -> None:
        """Everybody who waits here looks around."""
        for company_id in self._waiters:
            self._wake(company_id)

    async def run(self) -> None:
        """Listens while somebody waits here, and finds out for what others wait elsewhere, until it is cancelled."""
        listening: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    await self._ask_who_listens()
                    if self._waiters and (listening is None or listening.done()):
                        listening = asyncio.create_task(self._listen())
                    elif self._told_to_tell != self._waiters.keys():
                        await self._keep_listening()
                except Exception as error:  # noqa: BLE001 - whatever it was, the next look is another try
                    _log.warning("news put off", error=type(error).__name__)
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
        await self._keep_listening()
        async for notification in connection.notifies(timeout=_RENEW_EVERY):
            for company_id in notification.payload.split(","):
                self._wake(int(company_id))

    async def _keep_listening(self) -> None:
        self._told_to_tell = frozenset(self._waiters)
        values = {"listener": self._listener, "companies": [*self._told_to_tell], "seconds": _LIVES_SECONDS}
        with suppress(Unavailable):
            await self._database.call(_Answer, _KEEP_LISTENING, values)

    async def _ask_who_listens(self) -> None:
        with suppress(Unavailable):
            answer = await self._database.call(_Listened, _LISTENED_TO, {"listener": self._listener})
            self._listened_to = frozenset(answer.companies)

    async def _tell(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._untold:
            companies = [self._untold.pop() for _ in range(min(len(self._untold), _MOST_AT_ONCE))]
            with suppress(Unavailable):
                values = {"channel": _CHANNEL, "companies": ",".join(map(str, companies))}
                await self._database.call(_Answer, _NOTIFY, values)

    def _wake(self, company_id: int) -> None:
        for waiter in self._waiters.get(company_id, ()):
            waiter.wake(company_id)
