"""pg_dump and pg_restore of the embedded PostgreSQL, as streams."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, BinaryIO

from kronika.backup.errors import BackupError
from kronika.db.embedded import ENVIRONMENT, binaries


@contextmanager
def dumping(database_url: str, snapshot: str, piece: int) -> Generator[Iterator[bytes]]:
    """The database as the exported snapshot sees it, in pg_dump's custom format, in pieces of this many bytes.

    Raises BackupError at the end of the block: pg_dump did not come to a good end.
    """
    arguments = (
        f"--dbname={database_url}",
        f"--snapshot={snapshot}",
        "--format=custom",
        # The fastest: a piece of text compresses to half of its size with it, and five times as slowly to two fifths.
        "--compress=gzip:1",
        # What PostgreSQL itself would empty after a crash.
        "--no-unlogged-table-data",
        # A migration may hold a table; better no backup now than a server that waits behind this one.
        "--lock-wait-timeout=60s",
    )
    with _running("pg_dump", arguments, stdout=subprocess.PIPE) as process:
        output = process.stdout
        assert output is not None
        yield iter(lambda: output.read(piece), b"")


@contextmanager
def filling(database_url: str) -> Generator[Callable[[bytes], None]]:
    """Restores into an empty database what it is called with.

    Raises BackupError: pg_restore refuses it, which it may say long after it was given.
    """
    arguments = (f"--dbname={database_url}", "--format=custom", "--no-owner", "--exit-on-error")
    with _running("pg_restore", arguments, stdin=subprocess.PIPE) as process:
        into = process.stdin
        assert into is not None

        def fill(piece: bytes) -> None:
            # A program that has ended early says with its exit code whether that is bad.
            with suppress(BrokenPipeError):
                into.write(piece)

        yield fill
        with suppress(BrokenPipeError):
            into.close()


@contextmanager
def _running(
    name: str, arguments: tuple[str, ...], *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Generator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as said:
        # In a session of its own: Ctrl-C is for us, who then end it.
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [binaries() / name, *arguments],
            env=ENVIRONMENT,
            cwd="/",
            stdin=stdin,
            stdout=stdout,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield process
            if process.wait():
                raise BackupError(f"{name} failed: {_last_line(said)}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()


def _last_line(said: BinaryIO | IO[Any]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
