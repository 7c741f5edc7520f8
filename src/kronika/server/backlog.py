"""How long webhooks have been waiting: asked of the database, and given up soon when it does not answer."""

from __future__ import annotations

import asyncio
from typing import Final

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.rows import class_row

from kronika.db.pool import APPLICATION_ROLE, SCHEMA

_WAIT_SECONDS: Final = 2.0
_CONNECT_SECONDS: Final = 2
_ASKED: Final = "SELECT change_seconds, delivery_seconds FROM webhook_backlog()"


class Ages(Struct, frozen=True):
    """Seconds since the oldest that waits, 0 where none does."""

    change_seconds: float
    delivery_seconds: float


class Backlog:
    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._asking: asyncio.Task[Ages] | None = None

    async def read(self) -> Ages | None:
        """The ages; None: the database has not told them in time. One question at a time, however many ask for it."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        # Not wait_for, which would wait for the end of what it cancels: a connection to a host that swallows packets
        # takes its time for that too.
        done, _ = await asyncio.wait([self._asking], timeout=_WAIT_SECONDS)
        if not done:
            self._asking.cancel()
            return None
        if self._asking.cancelled() or isinstance(self._asking.exception(), (psycopg.Error, OSError)):
            return None
        return self._asking.result()

    async def _ask(self) -> Ages:
        # A connection each time, four times a minute: none that has died unnoticed.
        connection = await psycopg.AsyncConnection.connect(
            self._database_url, autocommit=True, connect_timeout=_CONNECT_SECONDS
        )
        async with connection, connection.cursor(row_factory=class_row(Ages)) as cursor:
            await connection.execute(
                sql.SQL("SET search_path = {}; SET statement_timeout = {}; SET ROLE {}").format(
                    sql.Identifier(SCHEMA), sql.Literal(f"{_WAIT_SECONDS}s"), sql.Identifier(APPLICATION_ROLE)
                )
            )
            await cursor.execute(_ASKED)
            ages = await cursor.fetchone()
        if ages is None:
            raise LookupError(_ASKED)
        return ages
