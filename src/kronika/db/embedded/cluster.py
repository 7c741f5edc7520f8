"""The files of the embedded PostgreSQL: its folders, its settings, a new cluster."""

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from kronika.db.embedded.account import Account, account_for, closed_to, give, run
from kronika.db.embedded.errors import EmbeddedError
from kronika.db.embedded.wheel import binaries_for, major_version
from kronika.durable import sync_folder

SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
# The shortest sun_path among the systems that we run on (macOS; Linux has 107).
_LONGEST_SOCKET = 103
_LOG_DAYS = 6

_SETTINGS = """\
# Written by Kronika at each start: changes made here are lost.
# For your own settings use ALTER SYSTEM, which wins over this file.

# Reached through a folder that only one user may enter, hence without a password.
listen_addresses = ''
port = 5432
unix_socket_directories = {sockets}

# The machine's time zone must not change what a date in a query or in the log means.
timezone = 'UTC'
log_timezone = 'UTC'

# Ten for each of the at most 64 workers, and some for commands; unused ones cost next to nothing.
max_connections = 700
shared_buffers = 128MB
# Our statements are short: compiling them costs more than it saves.
jit = off

# What was answered to a client is on the disk.
fsync = on
synchronous_commit = on
autovacuum = on
# Rarer checkpoints write fewer whole pages to the WAL, and those that remain are compressed;
# the price is a longer recovery after a crash, seconds with this much WAL.
checkpoint_timeout = 15min
max_wal_size = 2GB
wal_compression = on

# An error's detail may quote a row, and rows are people's words.
log_error_verbosity = terse

# One file per day of the week, overwritten a week later: the log can never fill the disk.
logging_collector = on
log_directory = {logs}
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where everything of one data directory is; `home` and `sockets` belong to `account`."""

    data_dir: Path
    account: Account
    sockets: Path

    @property
    def home(self) -> Path:
        """PGDATA; it exists only when it is whole."""
        return self.data_dir / "postgres"

    @property
    def logs(self) -> Path:
        """The server's own log files."""
        return self.data_dir / "log"

    @property
    def start_log(self) -> Path:
        """What the server says before it opens its own log file."""
        return self.data_dir / "postgres.start.log"

    def binaries(self) -> Path:
        """Return the folder of binaries that the account can execute."""
        return binaries_for(self.account, self.data_dir / "runtime")


def locate(data_dir: Path) -> Cluster:
    """Say where the cluster of an existing data directory lives and who runs it.

    Raises EmbeddedError when the account cannot reach the folder or the cluster is of another
    major version.
    """
    home = data_dir / "postgres"
    account = account_for(home)
    if os.geteuid() == 0:
        data_dir.chmod(data_dir.stat().st_mode | 0o011)
    if closed := closed_to(account, data_dir):
        message = (
            f"user id {account.uid}, who runs PostgreSQL, may not enter {closed}:"
            " choose another folder with KRONIKA_DATA_DIR"
        )
        raise EmbeddedError(message)
    _check_version(home)
    return Cluster(data_dir, account, _socket_folder(data_dir))


def prepare(cluster: Cluster) -> None:
    """Make ready for a start: the cluster if it is absent, its settings, its folders.

    The caller holds the start lock and knows that no server runs.
    """
    for folder in (cluster.sockets, cluster.logs):
        _private_folder(folder, cluster.account)
    _drop_old_logs(cluster.logs)
    for half_made in cluster.data_dir.glob("postgres.new-*"):
        # The initdb of a killed process may still write there; what resists goes next time.
        shutil.rmtree(half_made, ignore_errors=True)
    if not (cluster.home / "PG_VERSION").exists():
        _create(cluster)
    settings = _SETTINGS.format(sockets=_quoted(cluster.sockets), logs=_quoted(cluster.logs))
    _write(cluster.data_dir / "postgres.conf", settings, 0o644)


def _create(cluster: Cluster) -> None:
    """Make the cluster under another name and rename it when it is whole and on the disk."""
    half_made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=cluster.data_dir))
    give(half_made, cluster.account)
    command = [
        cluster.binaries() / "initdb",
        f"--pgdata={half_made}",
        f"--username={SUPERUSER}",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        # The built-in provider sorts alike on every machine, for ever. LC_CTYPE must be UTF-8
        # nevertheless: with C, pg_trgm does not see letters outside ASCII.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C.UTF-8",
        "--no-instructions",
    ]
    run(command, cluster.account)
    # Relative, so that the data directory can be moved.
    main = half_made / "postgresql.conf"
    _write(main, main.read_text() + "\ninclude '../postgres.conf'\n", 0o600, cluster.account)
    half_made.rename(cluster.home)
    sync_folder(cluster.data_dir)


def _check_version(home: Path) -> None:
    try:
        found = (home / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if found != major_version():
        message = (
            f"{home} was made by PostgreSQL {found}, this Kronika has {major_version()}:"
            " dump it with the old version and restore it into a new data directory"
        )
        raise EmbeddedError(message)


def _socket_folder(data_dir: Path) -> Path:
    inside = data_dir / "socket"
    # libpq reads a comma in a host as the start of the next host.
    if len(os.fsencode(inside / SOCKET_NAME)) <= _LONGEST_SOCKET and "," not in str(inside):
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"kronika-{name}"


def _private_folder(folder: Path, account: Account) -> None:
    """Make a folder that only the account may enter, or refuse somebody else's."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Ours and not yet given away: we were killed between the two steps.
    owners = {account.uid, os.geteuid()}
    if folder.is_symlink() or not folder.is_dir() or found.st_uid not in owners:
        message = f"{folder} belongs to somebody else: remove it"
        raise EmbeddedError(message)
    folder.chmod(0o700)
    give(folder, account)


def _drop_old_logs(logs: Path) -> None:
    # The server empties last week's file only when a new day finds it running.
    oldest = time.time() - _LOG_DAYS * 24 * 3600
    for file in logs.glob("postgres-*.log"):
        if file.lstat().st_mtime < oldest:
            file.unlink()


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return f"'{text}'"


def _write(path: Path, text: str, mode: int, owner: Account | None = None) -> None:
    """Replace a file as a whole, durably."""
    # A new file and not the old one opened: in a folder of the account it could be a link that
    # leads root elsewhere.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(handle, mode)
        if owner and os.geteuid() == 0:
            os.fchown(handle, *owner)
        os.fsync(handle)
    Path(name).replace(path)
