"""Brings a database to this version's schema: the SQL files beside this module, in the order of their names.

Each file and the row that says it was applied are one transaction: a process killed in between leaves neither.
One process at a time, behind an advisory lock of PostgreSQL's, which a killed process gives back by dying.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from kronika.db.owner import DatabaseError
from kronika.db.pool import APPLICATION_ROLE, SCHEMA

_LOCK = 0x6B726F6E696B61  # "kronika"
_OLDEST_POSTGRESQL = 160000
_ROLE, _SCHEMA = sql.Identifier(APPLICATION_ROLE), sql.Identifier(SCHEMA)

Connection = psycopg.Connection[Any]


def migrate(database_url: str) -> list[str]:
    """Applies what is missing; the names of the applied migrations, in order.

    Raises DatabaseError: unreachable, too old, of a newer Kronika, or lacking a right that its line names.
    """
    with _connected(database_url) as connection:
        if connection.info.server_version < _OLDEST_POSTGRESQL:
            raise DatabaseError("PostgreSQL 16 or newer is needed")
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            raise DatabaseError(f"the database's encoding is {encoding}; UTF8 is needed")
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            _prepare(connection)
            pending = _pending(connection)
            for name in pending:
                _apply(connection, name)
        except psycopg.Error as error:
            raise DatabaseError(f"cannot prepare the database: {str(error).strip().splitlines()[0]}") from None
        return pending


def ensure_migrated(database_url: str) -> None:
    """Migrates an empty database, and only looks at one that is in use: others may be running on it.

    Raises DatabaseError: as `migrate`, and when migrations are missing.
    """
    with _connected(database_url) as connection:
        try:
            # Not in the middle of somebody's first migration.
            connection.execute("SELECT pg_advisory_lock_shared(%s)", [_LOCK])
            applied = applied_migrations(connection)
            behind = applied is not None and _pending(connection)
        except psycopg.Error as error:
            raise DatabaseError(f"cannot look at the database: {str(error).strip().splitlines()[0]}") from None
    if behind:
        raise DatabaseError("the database is of an older Kronika: run `kronika migrate`, or start `kronika serve`")
    if applied is None:
        migrate(database_url)


@cache
def packaged_migrations() -> tuple[str, ...]:
    """Names of the migrations this version has, in order."""
    folder = files("kronika.db") / "migrations"
    return tuple(sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql")))


def applied_migrations(connection: Connection) -> list[str] | None:
    """Names of the migrations a database has, in order; None: no Kronika has prepared it yet."""
    known = connection.execute("SELECT FROM pg_tables WHERE tablename = 'migrations' AND schemaname = %s", [SCHEMA])
    if not known.rowcount:
        return None
    rows = connection.execute(sql.SQL("SELECT name FROM {}.migrations").format(_SCHEMA)).fetchall()
    return sorted(row[0] for row in rows)


def unknown_migrations(names: Iterable[str]) -> list[str]:
    """Those that only a newer version has, in order."""
    return sorted(set(names).difference(packaged_migrations()))


def prepare_role(connection: Connection) -> None:
    """Makes the application's role, which belongs to the server and not to a database.

    Raises DatabaseError: this user may not.
    """
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).rowcount
    if not known:
        try:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(_ROLE))
        except psycopg.errors.InsufficientPrivilege:
            raise DatabaseError(
                f"the database user may not create roles; ask an administrator for: CREATE ROLE {APPLICATION_ROLE} "
                f"NOLOGIN; GRANT {APPLICATION_ROLE} TO {connection.info.user}"
            ) from None
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # Another database of this server is being prepared at the same moment.
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(_ROLE))
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(_ROLE))
    connection.execute("RESET ROLE")


def _connected(database_url: str) -> Connection:
    try:
        return psycopg.connect(database_url, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise DatabaseError(f"cannot reach the database: {str(error).strip().splitlines()[0]}") from None


def _pending(connection: Connection) -> list[str]:
    applied = applied_migrations(connection) or []
    if newer := unknown_migrations(applied):
        raise DatabaseError(f"the database belongs to a newer Kronika: it has {newer[-1]}")
    return [name for name in packaged_migrations() if name not in applied]


def _apply(connection: Connection, name: str) -> None:
    statements = (files("kronika.db") / "migrations" / f"{name}.sql").read_text(encoding="utf-8")
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL search_path = {}").format(_SCHEMA))
        # The package's own files: literal, though not to a type checker.
        connection.execute(cast(LiteralString, statements))
        # PostgreSQL lets everybody execute a new function, and a default for one schema cannot take that back.
        connection.execute(sql.SQL("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {} FROM PUBLIC").format(_SCHEMA))
        connection.execute(sql.SQL("INSERT INTO {}.migrations (name) VALUES (%s)").format(_SCHEMA), [name])


def _prepare(connection: Connection) -> None:
    prepare_role(connection)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(_SCHEMA))
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {}.migrations "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        ).format(_SCHEMA)
    )
    connection.execute(
        sql.SQL("GRANT USAGE ON SCHEMA {0} TO {1}; GRANT SELECT ON {0}.migrations TO {1}").format(_SCHEMA, _ROLE)
    )
