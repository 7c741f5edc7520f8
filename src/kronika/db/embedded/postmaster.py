"""The server process of a cluster: finding it, starting it, stopping it.

Callers hold the start lock, so that nobody else starts or stops at the same time. The server
outlives a killed Kronika, therefore everything is found out from its files and processes.
"""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from kronika.db.embedded.account import last_lines, spawn
from kronika.db.embedded.cluster import SOCKET_NAME, Cluster, prepare
from kronika.db.embedded.errors import EmbeddedError

_POLL = 0.02
_READY_WITHIN = 60.0  # seconds; recovery after a crash replays up to max_wal_size
_STOPPED_WITHIN = 60.0
_KILLED_GONE_WITHIN = 10.0
# What a server says that finds another one still dying, or surviving children of a dead one.
_REMAINS = ("shared memory block", "already exists")

# The shell ends at once, so the server is nobody's child: no zombie, no warning at our exit. Its
# output goes to our log file, the standard output carries only its process id.
_LAUNCHER = '"$@" >&2 </dev/null & echo $!'


class Postmaster(NamedTuple):
    """What postmaster.pid says about a server that is really there."""

    pid: int
    sockets: Path
    status: str  # starting, ready, standby, stopping or, for an instant, empty


def ensure_running(cluster: Cluster) -> Postmaster:
    """Return the ready server of the cluster, adopted or started.

    A new server that meets what is left of a killed one is started again for a while. Raises
    EmbeddedError when it does not become ready.
    """
    deadline = time.monotonic() + _KILLED_GONE_WITHIN
    while True:
        if ready := _adopt(cluster):
            return ready
        prepare(cluster)
        if ready := _wait_until_ready(cluster, _launch(cluster)):
            return ready
        reason = _last_words(cluster)
        if time.monotonic() > deadline or not any(remains in reason for remains in _REMAINS):
            message = f"PostgreSQL does not start: {reason}"
            raise EmbeddedError(message)
        time.sleep(5 * _POLL)


def stop(cluster: Cluster) -> None:
    """Stop the server and wait until it is gone; harmless when none runs."""
    found = find(cluster)
    # One that only answers, seen from another container of the same volume, is not ours to signal.
    if found and _is_postmaster(found.pid, cluster):
        os.kill(found.pid, signal.SIGINT)  # "fast": connections are ended, data is written
        # Too slow is no error: it goes on by itself and the next start waits for its end.
        _wait_until_gone(cluster, found)


def _adopt(cluster: Cluster) -> Postmaster | None:
    found = find(cluster)
    if found and found.status == "stopping":
        _wait_until_gone(cluster, found)
        return None
    return _wait_until_ready(cluster, found.pid) if found else None


def _launch(cluster: Cluster) -> int:
    """Start a server in its own session, where no Ctrl-C reaches it; return its process id."""
    for lock in (cluster.home / "postmaster.pid", cluster.sockets / f"{SOCKET_NAME}.lock"):
        _forget_dead_server(lock, cluster)
    server = [cluster.binaries() / "postgres", "-D", cluster.home]
    with cluster.start_log.open("wb") as log:
        command = ["/bin/sh", "-c", _LAUNCHER, "sh", *server]
        launched = spawn(command, cluster.account, stdout=subprocess.PIPE, stderr=log)
    return int(launched.stdout)


def _forget_dead_server(lock: Path, cluster: Cluster) -> None:
    """Remove a lock file whose process is not this cluster's server.

    PostgreSQL would believe one whose process id belongs to another program now, or to a zombie.
    Should processes of the dead server survive, the new one still refuses to start beside them:
    it finds their shared memory.
    """
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:
        pid = 0  # cut short by a crash of the machine; PostgreSQL refuses an empty one
    if not _is_postmaster(pid, cluster):
        lock.unlink(missing_ok=True)


def _wait_until_ready(cluster: Cluster, pid: int) -> Postmaster | None:
    """Return the ready server, or None when the awaited process ended and no other runs."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        alive = _lives(pid)
        found = find(cluster)
        if found and found.status in {"ready", "standby"}:
            return found
        if not found and not alive:
            return None
        time.sleep(_POLL)
    message = f"PostgreSQL is still starting, try again later: {_last_words(cluster)}"
    raise EmbeddedError(message)


def _wait_until_gone(cluster: Cluster, server: Postmaster) -> None:
    deadline = time.monotonic() + _STOPPED_WITHIN
    while time.monotonic() < deadline:
        found = find(cluster)
        if not found or found.pid != server.pid:
            return
        time.sleep(_POLL)


def find(cluster: Cluster) -> Postmaster | None:
    """Return the server that runs on the cluster, in whatever state it is."""
    try:
        lines = (cluster.home / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    # The lines, which appear one after the other while the server starts: process id, folder,
    # time, port, socket folder, address, shared memory key, status.
    sockets = Path("".join(lines[4:5]) or cluster.sockets)
    status = "".join(lines[7:8]).strip()
    if _is_postmaster(pid, cluster) or _answers(sockets):
        return Postmaster(pid, sockets, status)
    return None


def _is_postmaster(pid: int, cluster: Cluster) -> bool:
    """Tell whether the process is the cluster's server: a number alone may have been reused."""
    arguments = _arguments(pid)
    return arguments[0].endswith("postgres") and arguments[-1] == str(cluster.home)


def _arguments(pid: int) -> list[str]:
    """Return the command line of a process; empty strings for a dead one and for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            raw = b""
        return os.fsdecode(raw).rstrip("\0").split("\0")
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], check=False, capture_output=True)  # noqa: S607 - found by PATH everywhere
    program, _, rest = os.fsdecode(listed.stdout).strip().partition(" -D ")
    return [program, rest]


def _lives(pid: int) -> bool:
    """Tell whether a process just started has not ended yet."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return not Path("/proc/self/stat").exists()
    # In a container whose first process reaps nobody a dead server stays a zombie.
    return state not in {"Z", "X"}


def _answers(sockets: Path) -> bool:
    """Tell whether a server listens, even one whose process we cannot see.

    Two containers on one volume have separate process ids but the same sockets.
    """
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(sockets / SOCKET_NAME))
        except (TimeoutError, BlockingIOError):
            return True  # so busy that the queue is full
        except OSError:
            return False
    return True


def _last_words(cluster: Cluster) -> str:
    files = [file for file in cluster.logs.glob("*.log") if file.stat().st_size]
    early = cluster.start_log.read_bytes() if cluster.start_log.exists() else b""
    # Once its own log is open, the server says here only where the rest goes.
    if b"logging collector" not in early or not files:
        return last_lines(early)
    time.sleep(0.2)  # another process writes that log, perhaps it has not yet
    newest = max(files, key=lambda file: file.stat().st_mtime)
    with newest.open("rb") as log:
        log.seek(max(0, newest.stat().st_size - 4096))
        return last_lines(log.read())
