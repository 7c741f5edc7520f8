"""`kronika restore`: an archive into an empty place, verified before anything is touched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import psycopg
from msgspec import Struct
from psycopg import sql

from kronika.backup.about import About
from kronika.backup.archive import DATABASE, FILES, SECRET, read_archive
from kronika.backup.errors import BackupError, DamagedError
from kronika.backup.place import empty_place, is_stopped, judge_place, local_data_dir, refuse_inside
from kronika.backup.programs import filling
from kronika.backup.progress import Progress, Step
from kronika.backup.snapshot import NamedFile, Snapshot, snapshot_of
from kronika.backup.verifying import secret_of, verify
from kronika.db.embedded import begin_epoch, embedded_postgres
from kronika.db.migrate import prepare_role
from kronika.db.pool import SCHEMA
from kronika.settings import FILES_FOLDER, SECRET_FILE, Settings

_FORGET_KEY = sql.SQL("DELETE FROM {}.installation").format(sql.Identifier(SCHEMA))

_FORGET_UPLOADS = sql.SQL("DELETE FROM {}.uploads WHERE storage_key = ANY (%s)").format(sql.Identifier(SCHEMA))

# Positions that were given out after the backup must not be given out again: whoever keeps one as his cursor would pass
# over what happens now. So far is no journal written between two backups; programs that read numbers as floats (up to
# 2^53) can bear nine million restores. A backup of an older Kronika has no such sequence yet.
_PASS_OVER_POSITIONS = sql.SQL(
    "SELECT setval(s, nextval(s) + 1000000000) FROM to_regclass({}) s WHERE s IS NOT NULL"
).format(sql.Literal(f"{SCHEMA}.change_positions"))


class Checked(Struct, frozen=True, kw_only=True, rename="camel"):
    """A backup that is whole."""

    file: str
    created_at: str
    kronika: str
    size: int
    files: int
    secret_key: bool


class Restored(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was restored, and where. `secret_key`: whether it came with the backup and is in use."""

    data: str
    created_at: str
    kronika: str
    files: int
    secret_key: bool
    seconds: float


def check_backup(file: Path, progress: Progress) -> Checked:
    """Reads the whole backup and touches nothing. Raises DamagedError, BackupError: it cannot be restored."""
    with _opened(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        about = _verified(file, stream, progress)
    return Checked(
        file=str(file),
        created_at=about.created_at,
        kronika=about.kronika,
        size=size,
        files=about.files,
        secret_key=about.secret_key == "included",
    )


def restore_backup(settings: Settings, file: Path, *, new_secret_key: bool, progress: Progress) -> Restored:
    """Restores FILE into the data directory, which must be empty. It is valid when this returns, and not before.

    With `new_secret_key` the next start makes a key, and no token of before works.

    Raises BackupError, EmbeddedError, DatabaseError: it cannot be restored; then the place is as empty as before.
    """
    began = time.monotonic()
    data_dir = local_data_dir(settings)

    def judge_key(about: About) -> None:
        _judge_key(about, settings, new_secret_key=new_secret_key)

    with _opened(file) as stream:
        # An hour's reading would be lost if this came to light after it.
        try:
            refuse_inside(data_dir, file)
            judge_place(data_dir)
        except OSError as error:
            raise BackupError(f"cannot restore into {data_dir}: {error.strerror or error}") from None
        about = _verified(file, stream, progress, judge=judge_key)
        try:
            with empty_place(data_dir) as staging:
                _prepare_cluster(staging, about)
                with embedded_postgres(staging) as url:
                    stream.seek(0)
                    _unpack(stream, staging, url, about, progress)
                    _finish(url, staging, about, new_secret_key=new_secret_key)
                if not is_stopped(staging):
                    raise BackupError("PostgreSQL does not stop: try again")
        except OSError as error:
            raise BackupError(f"cannot restore into {data_dir}: {error.strerror or error}") from None
    return Restored(
        data=str(data_dir),
        created_at=about.created_at,
        kronika=about.kronika,
        files=about.files,
        secret_key=about.secret_key == "included" and not new_secret_key,
        seconds=round(time.monotonic() - began, 3),
    )


def _opened(file: Path) -> BinaryIO:
    try:
        # - is what a pipe is called elsewhere.
        if file != Path("-") and not (file.is_fifo() or file.is_char_device() or file.is_socket()):
            return file.open("rb", buffering=1024 * 1024)
    except OSError as error:
        raise BackupError(f"cannot read {file}: {error.strerror}") from None
    raise BackupError(f"{file}: a pipe cannot be read twice: name a file")


def _verified(
    file: Path, stream: BinaryIO, progress: Progress, *, judge: Callable[[About], None] | None = None
) -> About:
    try:
        return verify(stream, os.fstat(stream.fileno()).st_size, progress, judge=judge)
    except DamagedError as error:
        raise DamagedError(f"{file} is damaged or no backup: {error}") from None
    except OSError as error:
        raise BackupError(f"cannot read {file}: {error.strerror}") from None


def _judge_key(about: About, settings: Settings, *, new_secret_key: bool) -> None:
    if new_secret_key:
        return
    if settings.secret_key and not about.is_of(settings.secret_key):
        raise BackupError("KRONIKA_SECRET_KEY is not the key of this backup")
    if not settings.secret_key and about.secret_key == "left out" and about.secret_check is not None:
        raise BackupError(
            "the backup holds no secret key: set KRONIKA_SECRET_KEY to the one it was taken with, "
            "or say --new-secret-key, after which no token of before works"
        )


def _prepare_cluster(staging: Path, about: About) -> None:
    # Change records carry the number of their transaction, and readers of the journal see those that are older than
    # all that still run. A new cluster counts from the start: the restored ones would be of its future.
    with embedded_postgres(staging):
        pass
    if not is_stopped(staging):
        raise BackupError("PostgreSQL does not stop: try again")
    begin_epoch(staging, about.transaction_epoch + 1)


def _unpack(stream: BinaryIO, staging: Path, url: str, about: About, progress: Progress) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        prepare_role(connection)
    (staging / FILES_FOLDER).mkdir(mode=0o700)
    database_size = files_size = files = 0
    # Files are copied while pg_restore, which has got all by then, makes the indexes.
    with filling(url) as fill:
        for entry in read_archive(stream):
            if entry.name == SECRET:
                _write(staging / SECRET_FILE, [secret_of(entry).encode("ascii"), b"\n"])
            elif entry.name.startswith(DATABASE):
                for piece in entry.pieces:
                    fill(piece)
                database_size += entry.size
                progress(Step.DATABASE, database_size)
            elif entry.name.startswith(FILES):
                file = _stored(staging, entry.name.removeprefix(FILES))
                for folder in (file.parent.parent, file.parent):
                    folder.mkdir(mode=0o700, exist_ok=True)
                _write(file, entry.pieces)
                files, files_size = files + 1, files_size + entry.size
                progress(Step.FILES, files_size, files=files, of_files=about.files)


def _finish(url: str, staging: Path, about: About, *, new_secret_key: bool) -> None:
    with snapshot_of(url) as restored:
        if (restored.migrations, restored.secret_check) != (about.migrations, about.secret_check):
            raise DamagedError("its database is not the one that it says it is of")
        left_out = [file.key for file in restored.files if _is_left_out(staging, file, restored)]
    with psycopg.connect(url, autocommit=True) as connection:
        if new_secret_key:
            connection.execute(_FORGET_KEY)
            (staging / SECRET_FILE).unlink(missing_ok=True)
        if left_out:
            connection.execute(_FORGET_UPLOADS, [left_out])
        connection.execute(_PASS_OVER_POSITIONS)
        # A new cluster knows nothing of its tables, and would plan as for empty ones.
        connection.execute("ANALYZE")


def _is_left_out(staging: Path, file: NamedFile, restored: Snapshot) -> bool:
    """Whether the file is of an upload that was taken without its bytes. Raises DamagedError: it is lacking."""
    stored = _stored(staging, file.key)
    if stored.is_file():
        if (there := stored.stat().st_size) != file.size:
            raise DamagedError(f"a file of {restored.who_names(file.key)} has {there} bytes and not {file.size}")
        return False
    if file.claimed:
        raise DamagedError(f"it lacks a file of {restored.who_names(file.key)}")
    return True


def _stored(staging: Path, key: str) -> Path:
    return staging / FILES_FOLDER / key


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as stream:
        for piece in pieces:
            stream.write(piece)
