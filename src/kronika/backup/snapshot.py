"""One view of the database, for pg_dump and for the list of files alike."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, Final, LiteralString

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.rows import class_row

from kronika.backup.errors import BackupError
from kronika.db.locks import hold_files
from kronika.db.migrate import applied_migrations, unknown_migrations
from kronika.db.pool import SCHEMA
from kronika.storage.files import FILE_KEY

Connection = psycopg.Connection[Any]

_UPLOADS: Final = "uploads"
_NAMING_FILES: tuple[LiteralString, ...] = (_UPLOADS, "attachments")
"""Tables whose rows name a stored file. What `files_to_remove` names is to be deleted, and need not come back."""

_SPOOLED = 8 * 1024 * 1024

_STATE = """
SELECT clock() AS at, pg_export_snapshot() AS name,
    div(pg_snapshot_xmax(pg_current_snapshot())::text::numeric, 4294967296)::bigint AS epoch,
    (SELECT secret_check FROM installation) AS secret_check
"""
_FIND_TABLES = "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL"
_LIST_FILES = 'SELECT storage_key COLLATE "C", size, {claimed} FROM {table}'
_NAMES_IT = "SELECT to_jsonb(t) FROM {table} t WHERE storage_key = %s"


class _State(Struct):
    at: datetime
    name: str
    epoch: int
    secret_check: bytes | None


class NamedFile(Struct, frozen=True):
    """What a row says of a stored file. `claimed`: it is an attachment, and no upload that waits for its event."""

    key: str
    size: int
    claimed: bool


class Snapshot:
    """What the database was at one moment. Its files stay on the disk as long as its connection lasts."""

    def __init__(self, connection: Connection, migrations: list[str], kept: IO[bytes]) -> None:
        self._connection = connection
        self.migrations = migrations
        state = connection.cursor(row_factory=class_row(_State)).execute(_STATE).fetchone()
        assert state is not None
        self.name = state.name
        self.at = state.at
        self.transaction_epoch = state.epoch
        self.secret_check = None if state.secret_check is None else state.secret_check.hex()
        self.files = NamedFiles(connection, kept)

    def end(self) -> None:
        """Lets the server vacuum again. Raises BackupError: the database was migrated meanwhile."""
        self._connection.commit()
        if applied_migrations(self._connection) != self.migrations:
            raise BackupError("the database was upgraded meanwhile: take the backup again")
        self._connection.commit()

    def who_names(self, key: str) -> str:
        """The row that names a file, in words."""
        for table in _tables(self._connection):
            statement = sql.SQL(_NAMES_IT).format(table=sql.Identifier(table))
            if row := self._connection.execute(statement, [key]).fetchone():
                said = row[0]
                which = f" {said['id']} of event {said['event_id']}" if "event_id" in said else ""
                return f"{table.removesuffix('s')}{which}, company {said['company_id']},"
        return "a row that is gone by now"


class NamedFiles:
    """All files that rows name, in the order of their keys. Kept in a file, for there may be many."""

    def __init__(self, connection: Connection, kept: IO[bytes]) -> None:
        self._kept = kept
        self.count = 0
        if tables := _tables(connection):
            self._fill(connection, tables)

    def _fill(self, connection: Connection, tables: list[str]) -> None:
        parts = sql.SQL(" UNION ALL ").join(
            sql.SQL(_LIST_FILES).format(table=sql.Identifier(table), claimed=sql.Literal(table != _UPLOADS))
            for table in tables
        )
        statement = sql.SQL("COPY ({} ORDER BY 1) TO STDOUT").format(parts)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for line in copy:
                self.count += bytes(line).count(b"\n")
                self._kept.write(line)

    def __iter__(self) -> Iterator[NamedFile]:
        self._kept.seek(0)
        for line in self._kept:
            key, size, claimed = line.decode().rstrip("\n").split("\t")
            if not FILE_KEY.fullmatch(key):
                raise BackupError(f"the database names a file {key!a}, which is no name that Kronika gives")
            yield NamedFile(key, int(size), claimed == "t")


@contextmanager
def snapshot_of(database_url: str) -> Generator[Snapshot]:
    """The database now, as long as the block lasts. No stored file is deleted meanwhile.

    Raises BackupError: there is no Kronika in it, or a newer one.
    """
    with psycopg.connect(database_url, connect_timeout=10) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(SCHEMA)))
        hold_files(connection)
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        migrations = applied_migrations(connection)
        if migrations is None:
            raise BackupError("there is nothing in the database yet")
        if newer := unknown_migrations(migrations):
            raise BackupError(f"the database belongs to a newer Kronika: it has {newer[-1]}")
        with tempfile.SpooledTemporaryFile(_SPOOLED) as kept:
            yield Snapshot(connection, migrations, kept)


def _tables(connection: Connection) -> list[str]:
    # A backup may be taken before an upgrade, of a version that has no files yet.
    return [row[0] for row in connection.execute(_FIND_TABLES, [list(_NAMING_FILES)]).fetchall()]
