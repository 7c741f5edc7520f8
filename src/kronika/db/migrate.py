"""Brings a database to this version's schema: the SQL files beside this module, run in order by yoyo.

One process at a time, behind an advisory lock of PostgreSQL's, which a killed process gives back by dying; yoyo's own
lock is a row that would stay.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from typing import Any
from urllib.parse import urlencode

import psycopg
import psycopg.conninfo
from psycopg import sql
from yoyo import get_backend, read_migrations  # pyright: ignore[reportUnknownVariableType]

from kronika.db.owner import DatabaseError
from kronika.db.pool import APPLICATION_ROLE, SCHEMA

_LOCK = 0x6B726F6E696B61  # "kronika"
_OLDEST_POSTGRESQL = 160000


def migrate(database_url: str) -> list[str]:
    """Applies what is missing; the names of the applied migrations, in order.

    Raises DatabaseError: unreachable, too old, of a newer Kronika, or lacking a right that its line names.
    """
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            if connection.info.server_version < _OLDEST_POSTGRESQL:
                raise DatabaseError("PostgreSQL 16 or newer is needed")
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            _prepare(connection)
            return _apply(connection, database_url)
    except psycopg.Error as error:
        raise DatabaseError(f"cannot prepare the database: {str(error).strip().splitlines()[0]}") from None


@cache
def packaged_migrations() -> frozenset[str]:
    """Names of the migrations this version has."""
    with _folder() as folder:
        return frozenset(_names(read_migrations(folder)))


def _prepare(connection: psycopg.Connection[Any]) -> None:
    role, schema = sql.Identifier(APPLICATION_ROLE), sql.Identifier(SCHEMA)
    exists = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone()
    if exists is None:
        try:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        except psycopg.errors.InsufficientPrivilege:
            raise DatabaseError(
                f"the database user may not create roles; ask an administrator for: CREATE ROLE {APPLICATION_ROLE} "
                f"NOLOGIN; GRANT {APPLICATION_ROLE} TO {connection.info.user}"
            ) from None
        except psycopg.errors.DuplicateObject:
            pass  # Another database of this server is being prepared at the same moment.
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(role))
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    connection.execute("RESET ROLE")
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))


def _apply(connection: psycopg.Connection[Any], database_url: str) -> list[str]:
    log = sql.Identifier(SCHEMA, "_yoyo_migration")
    with _folder() as folder, get_backend(_for_yoyo(database_url)) as backend:
        migrations = backend.to_apply(all_known := read_migrations(folder))
        applied = connection.execute(sql.SQL("SELECT migration_id FROM {}").format(log)).fetchall()
        if newer := {row[0] for row in applied}.difference(_names(all_known)):
            raise DatabaseError(f"the database belongs to a newer Kronika: it has {max(newer)}")
        backend.apply_migrations(migrations)
    connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(log, sql.Identifier(APPLICATION_ROLE)))
    # PostgreSQL lets everybody execute a new function, and default privileges of one schema cannot take that back.
    connection.execute(
        sql.SQL("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {} FROM PUBLIC").format(sql.Identifier(SCHEMA))
    )
    return _names(migrations)


def _names(migrations: Iterable[Any]) -> list[str]:
    return [migration.id for migration in migrations]


@contextmanager
def _folder() -> Generator[str]:
    with as_file(files("kronika.db") / "migrations") as path:
        yield str(path)


def _for_yoyo(database_url: str) -> str:
    """The same database by psycopg 3, with everything in our schema."""
    parameters = {**psycopg.conninfo.conninfo_to_dict(database_url), "schema": SCHEMA}
    return f"postgresql+psycopg:///?{urlencode(parameters)}"
