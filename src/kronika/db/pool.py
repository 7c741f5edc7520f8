"""Connections, calls and transactions. All SQL of Kronika goes through `Database`.

Two ways in: `call` is one statement that is a transaction of its own, one round trip, for the functions of the hot
paths, which set their company themselves; `transaction` is several statements for one company.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.abc import Params
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import kwargs_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from kronika.db.news import News
from kronika.db.statements import Connection, Statements, Transaction
from kronika.errors import Unavailable

APPLICATION_ROLE = "kronika_app"
SCHEMA = "kronika"

LOCK_WAIT_SECONDS = 5
"""How long a statement waits for a lock: a duplicate for the original with its key, above all."""

_STATEMENT_SECONDS = 30
_CONNECTION_WAIT_SECONDS = 10
_CLOSE_SECONDS = 2
# On the database's own machine: readers wait for no disk write, so more of them at once than cores do not get more
# done, but they meet on the same pages, and who is set aside there holds up the others (16 readers of one timeline,
# p99: with 10 at once 53 to 198 ms, with 2 at once 11 to 39 ms, at the same rate).
_LOCAL_READERS = 2
# Of the connections, one in so many may be at a read that takes seconds.
_LONG_READ_SHARE = 4
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
# A network that swallows packets must not hold a connection for the quarter of an hour that TCP would try.
_NETWORK: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 40_000,
}

T = TypeVar("T")


# A server that has become a standby; a prepared plan whose result type a migration has changed. Both stay with the
# connection, so it is given up.
_OF_THIS_CONNECTION = (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.FeatureNotSupported)
# What a retry may not meet again.
_PASSING = (
    PoolTimeout,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.IdleInTransactionSessionTimeout,
    *_OF_THIS_CONNECTION,
)


class LockWaitTimeout(Exception):
    """A lock was not to be had in LOCK_WAIT_SECONDS. `context` is PostgreSQL's, and names the statement."""

    def __init__(self, context: str) -> None:
        super().__init__(context)
        self.context = context


class PoolState(Struct, frozen=True):
    """Connections and who wants them. The last four only grow."""

    used: int
    idle: int
    waiting: int
    taken: int
    waits: int
    waited_seconds: float
    failures: int


class _Places(asyncio.Semaphore):
    """Places for so many, and how many wait for one."""

    waiting = 0


class Database:
    """A pool of connections as the application's role. Open it before use, close it after."""

    def __init__(self, conninfo: str, *, connections: int = 10) -> None:
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=min(2, connections),
            max_size=connections,
            open=False,
            configure=_configure,
            kwargs={"autocommit": True, **_network_bounds(conninfo)},
            timeout=_CONNECTION_WAIT_SECONDS,
        )
        self._readers = _Places(_LOCAL_READERS if _is_local(conninfo) else connections)
        self._long_reads = _Places(max(1, connections // _LONG_READ_SHARE))
        self._checks: set[asyncio.Task[None]] = set()
        self.news = News(self, conninfo)

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close(timeout=_CLOSE_SECONDS)

    async def call(self, into: Callable[..., T], statement: LiteralString, values: Params) -> T:
        """The one row of a statement that is its own transaction, its columns by name into `into`.

        Values travel in binary form: cast enums to text.

        Raises Unavailable: no database. LockWaitTimeout: somebody held a lock for too long.
        """
        async with self._connection() as connection, connection.cursor(row_factory=kwargs_row(into)) as cursor:
            await cursor.execute(statement, values, prepare=True, binary=True)
            row = await cursor.fetchone()
        if row is None:
            raise LookupError(statement)
        return row

    async def read(self, into: type[T], statement: LiteralString, values: Params) -> T:
        """`call` for a statement that only reads, a few at a time: see _LOCAL_READERS."""
        async with _one_of(self._readers):
            return await self.call(into, statement, values)

    @asynccontextmanager
    async def transaction(self, company_id: int) -> AsyncGenerator[Transaction]:
        """One transaction, committed when the block is left, undone when it is left by an exception.

        Raises as `call` does.
        """
        async with self._connection() as connection, connection.transaction():
            transaction = await Statements(connection).for_company(company_id)
            yield transaction
            if connection.info.transaction_status == TransactionStatus.INERROR:
                # PostgreSQL would answer the COMMIT of a transaction that has failed with a ROLLBACK, unnoticed.
                raise Unavailable
        if transaction.has_changed:
            self.news.changed(company_id)

    @asynccontextmanager
    async def across_companies(self) -> AsyncGenerator[Statements]:
        """A transaction of no company: row-level security shows it nothing, and only the functions of the short list
        (migration 0007) do anything in it.

        Raises as `call` does.
        """
        async with self._connection() as connection, connection.transaction():
            yield Statements(connection)

    @asynccontextmanager
    async def snapshot(self, company_id: int) -> AsyncGenerator[Transaction]:
        """A transaction that only reads, and whose statements all see the same moment.

        Raises as `call` does.
        """
        async with self._connection() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield await Statements(connection).for_company(company_id)

    @asynccontextmanager
    async def long_read(self, company_id: int) -> AsyncGenerator[Transaction]:
        """A snapshot for a read that takes seconds; a few at a time, or they would keep everybody else out.

        Raises as `call` does, and Unavailable: the others take too long.
        """
        async with _one_of(self._long_reads), self.snapshot(company_id) as transaction:
            yield transaction

    def pool_state(self) -> PoolState:
        # What has not happened yet is left out of the pool's own numbers.
        said = Counter(self._pool.get_stats())
        idle = said["pool_available"]
        return PoolState(
            used=said["pool_size"] - idle,
            idle=idle,
            waiting=said["requests_waiting"] + self._readers.waiting + self._long_reads.waiting,
            taken=said["requests_num"],
            waits=said["requests_queued"],
            waited_seconds=said["requests_wait_ms"] / 1000,
            failures=said["requests_errors"],
        )

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection]:
        try:
            async with self._pool.connection() as connection:
                try:
                    yield connection
                except _OF_THIS_CONNECTION:
                    await connection.close()
                    raise
        except psycopg.errors.LockNotAvailable as error:
            raise LockWaitTimeout(error.diag.context or "") from error
        except _PASSING as error:
            raise Unavailable from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            # After a restart of PostgreSQL every pooled connection is broken: replace them all now, not one a request.
            self._check_connections()
            raise Unavailable from error

    def _check_connections(self) -> None:
        if not self._checks:
            task = asyncio.create_task(self._pool.check())
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)


@asynccontextmanager
async def _one_of(places: _Places) -> AsyncGenerator[None]:
    places.waiting += 1
    try:
        # Not wait_for, which up to Python 3.11 loses a cancellation that comes when it has got what it waits for.
        async with asyncio.timeout(_CONNECTION_WAIT_SECONDS):
            await places.acquire()
    except TimeoutError as error:
        raise Unavailable from error
    finally:
        places.waiting -= 1
    try:
        yield
    finally:
        places.release()


def _network_bounds(conninfo: str) -> dict[str, Any]:
    """Those the operator has not chosen."""
    chosen = conninfo_to_dict(conninfo)
    return {name: value for name, value in _NETWORK.items() if name not in chosen}


def _is_local(conninfo: str) -> bool:
    host = str(conninfo_to_dict(conninfo).get("host") or "")
    return host.startswith("/") or host in _LOCAL_HOSTS


async def _configure(connection: Connection) -> None:
    """What correctness needs of a session, whatever the server's defaults are."""
    await connection.execute(
        sql.SQL(
            "SET search_path = {}; SET timezone = 'UTC'; SET default_transaction_isolation = 'read committed'; "
            "SET lock_timeout = {}; SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}; "
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'; "
            "SET ROLE {}"
        ).format(
            sql.Identifier(SCHEMA),
            sql.Literal(f"{LOCK_WAIT_SECONDS}s"),
            sql.Literal(f"{_STATEMENT_SECONDS}s"),
            sql.Literal(f"{_STATEMENT_SECONDS}s"),
            sql.Identifier(APPLICATION_ROLE),
        )
    )
