"""The system user that PostgreSQL runs as, and running its programs as that user."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from kronika.db.embedded.errors import EmbeddedError

SERVICE_USER = "kronika"
_USERADD_TRIES = 5

# Nothing else of ours is handed down: PG* variables would change the server, the rest may be
# secrets, and initdb fails where LANG names a locale that the machine does not have.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


class Account(NamedTuple):
    """Who owns the cluster and runs its processes."""

    uid: int
    gid: int


def account_for(cluster: Path) -> Account:
    """Answer with ourselves or, for root (whom PostgreSQL refuses), another user.

    Root runs an existing cluster as its owner, so that `sudo kronika ...` works on a cluster that
    a plain user made, and a new one as the system user `kronika`, which is created when absent.
    Raises EmbeddedError when that fails or when the cluster belongs to somebody else.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() == 0:
        return Account(owner.st_uid, owner.st_gid) if owner and owner.st_uid else _service_account()
    if owner and owner.st_uid != os.geteuid():
        message = f"{cluster} belongs to user id {owner.st_uid}: run Kronika as that user or root"
        raise EmbeddedError(message)
    return Account(os.geteuid(), os.getegid())


def give(path: Path, account: Account) -> None:
    """Hand a file or folder of ours over to the account."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def closed_to(account: Account, path: Path) -> Path | None:
    """Return the first part of an absolute path that the account may not pass or execute.

    Asked by root about the other user; what a plain user may not do, he is told by the system.
    """
    if os.geteuid() != 0:
        return None
    for part in (*reversed(path.parents), path):
        found = part.stat()
        needed = 0o001
        if found.st_uid == account.uid:
            needed = 0o100
        elif found.st_gid == account.gid:
            needed = 0o010
        if not found.st_mode & needed:
            return part
    return None


def run(command: Sequence[str | Path], account: Account) -> None:
    """Run a program to its end as the account; EmbeddedError with its last lines if it fails."""
    with tempfile.TemporaryFile() as output:
        done = spawn(command, account, stdout=output, stderr=output)
        if done.returncode:
            output.seek(0)
            message = f"{Path(command[0]).name} failed: {last_lines(output.read())}"
            raise EmbeddedError(message)


def spawn(
    command: Sequence[str | Path], account: Account, *, stdout: int | IO[bytes], stderr: IO[bytes]
) -> subprocess.CompletedProcess[bytes]:
    """Run a program as the account in a session of its own.

    Ctrl-C in the terminal is for Kronika, who then ends what has to end. The output of programs
    that leave a daemon behind goes to files: it would keep a pipe open for ever.
    """
    root = os.geteuid() == 0
    return subprocess.run(
        command,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        user=account.uid if root else None,
        group=account.gid if root else None,
        extra_groups=[] if root else None,
    )


def last_lines(output: bytes, count: int = 3) -> str:
    """Join the last lines of a program's output into one line."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    return " | ".join([line for line in lines if line][-count:]) or "it said nothing"


def _service_account() -> Account:
    found = _look_up()
    return found or _create_service_user()


def _look_up() -> Account | None:
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _create_service_user() -> Account:
    advice = (
        f"PostgreSQL does not run as root: create the system user '{SERVICE_USER}' yourself"
        " or start Kronika as another user"
    )
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        message = f"{advice} (there is no useradd on this machine)"
        raise EmbeddedError(message)
    nologin = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/bin/false"
    command = [useradd, "--system", "--no-create-home", "--shell", nologin, SERVICE_USER]
    reason = ""
    # Another data directory may be started at this moment: its useradd holds the lock of the
    # password file, or has just created the user.
    for _ in range(_USERADD_TRIES):
        try:
            run(command, Account(0, 0))
        except EmbeddedError as error:
            reason = str(error)
        if found := _look_up():
            return found
        time.sleep(0.2)
    message = f"{advice} ({reason})"
    raise EmbeddedError(message)
