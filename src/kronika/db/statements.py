"""One function, one statement, one typed result: rows by name into structs."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, LiteralString, NoReturn, TypeAlias, TypeVar

import psycopg
from msgspec import Struct
from psycopg.rows import kwargs_row

Connection: TypeAlias = psycopg.AsyncConnection[Any]
T = TypeVar("T")

_ROWS_AT_A_TIME = 100


class Found(Struct, frozen=True):
    """The answer of a statement that only asks whether there is something."""

    found: bool


class Statements:
    """Statements on an open transaction; `always` are parameters that every one of them has."""

    def __init__(self, connection: Connection, always: Mapping[str, object] | None = None) -> None:
        self._connection = connection
        self._always = dict(always or {})

    async def maybe(self, into: Callable[..., T], statement: LiteralString, **values: object) -> T | None:
        """The row of the statement, its columns by name into `into`; None when there is none."""
        async with self._connection.cursor(row_factory=kwargs_row(into)) as cursor:
            await cursor.execute(statement, self._always | values)
            return await cursor.fetchone()

    async def one(self, into: Callable[..., T], statement: LiteralString, **values: object) -> T:
        """The row of a statement that always has one."""
        row = await self.maybe(into, statement, **values)
        if row is None:
            raise LookupError(statement)
        return row

    async def all(self, into: type[T], statement: LiteralString, **values: object) -> list[T]:
        """All rows of the statement."""
        async with self._connection.cursor(row_factory=kwargs_row(into)) as cursor:
            await cursor.execute(statement, self._always | values)
            return await cursor.fetchall()

    async def each(
        self, into: Callable[..., T], statement: LiteralString, rows: Sequence[Mapping[str, object]]
    ) -> list[T]:
        """The row of a statement that always has one, for each of these values, all in one round trip."""
        found: list[T] = []
        async with self._connection.cursor(row_factory=kwargs_row(into)) as cursor:
            await cursor.executemany(statement, [{**self._always, **row} for row in rows], returning=True)
            async for _ in cursor.results():
                found += await cursor.fetchall()
        return found

    async def stream(self, into: type[T], statement: LiteralString, **values: object) -> AsyncGenerator[list[T]]:
        """The rows of the statement, some at a time, however many there are: the database keeps the rest.

        Close it (`aclosing`) inside the transaction: left to the garbage collector, it would close its cursor in the
        middle of whatever the connection does by then.
        """
        async with self._connection.cursor(secrets.token_hex(8), row_factory=kwargs_row(into)) as cursor:
            await cursor.execute(statement, self._always | values)
            while rows := await cursor.fetchmany(_ROWS_AT_A_TIME):
                yield rows

    async def run(self, statement: LiteralString, **values: object) -> int:
        """Runs a statement; how many rows it touched."""
        cursor = await self._connection.execute(statement, self._always | values)
        return cursor.rowcount

    async def for_user(self, user_id: int) -> None:
        """Row-level security shows this transaction, from here on, the user's own rows too."""
        await self._connection.execute("SELECT set_config('kronika.user_id', %s, true)", [str(user_id)])

    async def for_company(self, company_id: int) -> Transaction:
        """The same transaction, from here on one company's: row-level security shows no other."""
        await self._connection.execute("SELECT set_config('kronika.company_id', %s, true)", [str(company_id)])
        return Transaction(self._connection, company_id)


class Transaction(Statements):
    """One transaction of one company. Every statement has the parameter `company_id`."""

    def __init__(self, connection: Connection, company_id: int) -> None:
        super().__init__(connection, {"company_id": company_id})
        self.company_id = company_id
        self.has_changed = False
        """Whether change records have been written, which others wait for."""

    async def rollback(self) -> NoReturn:
        """Undoes everything and leaves the transaction's block."""
        raise psycopg.Rollback
