"""What can be in the way of a backup is one line, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.backups import as_owner, backed_up, restored, unwatched, what_is_in
from support.server import KRONIKA, Installation

from kronika.backup.errors import BackupError
from kronika.backup.place import installed_data_dir, local_data_dir
from kronika.backup.progress import Step
from kronika.backup.restoring import check_backup
from kronika.backup.taking import stream_backup
from kronika.db.embedded import embedded_postgres
from kronika.db.locks import FILES_LOCK
from kronika.db.migrate import migrate, packaged_migrations
from kronika.settings import Settings


def test_the_command_says_what_the_backup_holds_and_only_its_owner_may_read_it(place: Installation, folder: Path):
    said = place.json("backup", str(folder / "a.tar"))
    assert said.keys() == {
        "file", "createdAt", "size", "databaseSize", "files", "filesSize", "leftOut", "secretKey", "verified", "seconds"
    }  # fmt: skip
    assert (said["verified"], said["secretKey"], said["files"]) == (True, True, 0)
    assert said["size"] == (folder / "a.tar").stat().st_size > said["databaseSize"] > 0
    assert (folder / "a.tar").stat().st_mode & 0o777 == 0o600
    checked = place.json("restore", "--verify", str(folder / "a.tar"))
    assert (checked["createdAt"], checked["size"]) == (said["createdAt"], said["size"])
    assert what_is_in(folder) == {"a.tar"}


def test_progress_is_told_on_standard_error(place: Installation, folder: Path):
    done = place.run("backup", str(folder / "a.tar"))
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["database", "checking"]
    assert "read again and whole" in done.stdout


def test_progress_is_drawn_on_a_terminal(place: Installation, folder: Path):
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [KRONIKA, "backup", "--json", folder / "a.tar"],
        env={**place.environment, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    drawn = b""
    # A terminal that nobody holds open any more is an error to its reader.
    with suppress(OSError):
        while piece := os.read(ours, 65536):
            drawn += piece
    os.close(ours)
    said, _ = process.communicate()
    assert b"database" in drawn
    assert b"checking" in drawn
    assert json.loads(said)["verified"] is True


def test_a_pipe_takes_the_same_archive(place: Installation, folder: Path):
    with (folder / "a.tar").open("wb") as file:
        done = subprocess.run(
            [KRONIKA, "backup", "-"], env=place.environment, stdout=file, stderr=subprocess.PIPE, check=True
        )
    assert b"--verify" in done.stderr
    assert check_backup(folder / "a.tar", unwatched).secret_key
    assert place.run("backup", "-", "--json").returncode == 1


def test_a_pipe_that_breaks_is_one_line(place: Installation):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as broken, pytest.raises(BackupError, match="Broken pipe"):
        stream_backup(Settings(data_dir=place.data_dir), broken, with_secret=True, progress=unwatched)


def test_a_file_that_is_there_is_overwritten_only_when_told(place: Installation, folder: Path):
    file = folder / "a.tar"
    file.write_text("precious")
    with pytest.raises(BackupError, match="--overwrite"):
        backed_up(place.data_dir, file)
    assert file.read_text() == "precious"
    backed_up(place.data_dir, file, overwrite=True)
    assert check_backup(file, unwatched).files == 0


def test_only_a_regular_file_is_overwritten(place: Installation, folder: Path):
    os.mkfifo(folder / "pipe")
    (folder / "precious").write_text("precious")
    (folder / "link").symlink_to(folder / "precious")
    before = what_is_in(folder)
    for file in (folder / "pipe", folder / "link", Path("/dev/null")):
        with pytest.raises(BackupError, match=f"{file} is no regular file, .* or - for a pipe"):
            backed_up(place.data_dir, file, overwrite=True)
    assert what_is_in(folder) == before


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(place: Installation, folder: Path):
    def appearing(step: Step, size: int, **_: Any) -> None:
        (folder / "a.tar").write_text("precious")

    with pytest.raises(BackupError, match="--overwrite"):
        backed_up(place.data_dir, folder / "a.tar", progress=appearing)
    assert (folder / "a.tar").read_text() == "precious"
    assert what_is_in(folder) == {"a.tar"}


def test_a_backup_whose_taker_was_killed_after_its_last_step_but_one_is_not_written_over(
    place: Installation, folder: Path
):
    (folder / "a.tar").write_text("whole")
    (folder / "kept.tar").hardlink_to(folder / "a.tar")
    (folder / "a.tar.partial").hardlink_to(folder / "a.tar")
    backed_up(place.data_dir, folder / "a.tar", overwrite=True)
    assert (folder / "kept.tar").read_text() == "whole"
    assert what_is_in(folder) == {"a.tar", "kept.tar"}


def test_a_draft_is_taken_over_only_where_a_backup_has_begun_it(place: Installation, folder: Path):
    draft = folder / "a.tar.partial"
    draft.write_text("precious")
    with pytest.raises(BackupError, match=f"{draft}, .* move it elsewhere"):
        backed_up(place.data_dir, folder / "a.tar")
    assert draft.read_text() == "precious"
    for left in (b"", b"about", b"about.json\0 and so on"):
        draft.write_bytes(left)
        backed_up(place.data_dir, folder / "a.tar", overwrite=True)
        assert what_is_in(folder) == {"a.tar"}


def test_where_it_cannot_be_taken_is_said_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch):
    nowhere = Installation(data_dir=folder / "data")
    done = nowhere.run("backup", str(folder / "a.tar"))
    assert (done.returncode, done.stderr) == (
        1,
        f"kronika: there is no Kronika in {folder / 'data'} (KRONIKA_DATA_DIR)\n",
    )
    with pytest.raises(BackupError, match=r"KRONIKA_DATABASE_URL is set: .*docs/backup\.md"):
        local_data_dir(Settings(data_dir=folder, database_url="postgresql://db.example/kronika"))
    monkeypatch.setenv("KRONIKA_STORAGE_URL", "s3://bucket/kronika")
    with pytest.raises(BackupError, match=r"KRONIKA_STORAGE_URL is set: .*docs/backup\.md"):
        backed_up(folder / "data", folder / "a.tar")
    assert what_is_in(folder) == set()


def test_somebody_elses_installation_is_said_in_one_line(folder: Path):
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres").chmod(0)
    ourselves = os.geteuid()
    if ourselves == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(BackupError, match="as the user who runs Kronika, or as root"):
            installed_data_dir(Settings(data_dir=folder / "data"))
    finally:
        os.seteuid(ourselves)


@pytest.mark.parametrize("file", [".", "no/such/folder/a.tar"])
def test_where_no_file_can_be_is_said_in_one_line(place: Installation, folder: Path, file: str):
    with pytest.raises(BackupError, match=str(folder)):
        backed_up(place.data_dir, folder / file)
    assert what_is_in(folder) == set()


def test_a_full_disk_leaves_no_partial_file(place: Installation, folder: Path):
    done = subprocess.run(
        [KRONIKA, "backup", folder / "a.tar"],
        env=place.environment,
        check=False,
        capture_output=True,
        text=True,
        # After the database has begun to arrive.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"kronika: cannot write {folder / 'a.tar'}: File too large")
    assert what_is_in(folder) == set()


@pytest.mark.parametrize(
    ("signal_", "code", "left"),
    [(signal.SIGINT, 130, set()), (signal.SIGTERM, 130, set()), (signal.SIGKILL, -9, {"a.tar.partial"})],
)
def test_whoever_stops_a_backup_finds_no_file_of_its_name(
    place: Installation, folder: Path, signal_: signal.Signals, code: int, left: set[str]
):
    with as_owner(place.data_dir) as owner, _backup_in_the_middle(place, owner, folder / "a.tar") as process:
        with pytest.raises(BackupError, match="somebody else"):
            backed_up(place.data_dir, folder / "a.tar")
        process.send_signal(signal_)
        assert process.wait(20) == code
        assert what_is_in(folder) == left
    backed_up(place.data_dir, folder / "a.tar")
    assert what_is_in(folder) == {"a.tar"}


@contextmanager
def _backup_in_the_middle(
    place: Installation, owner: psycopg.Connection, file: Path
) -> Generator[subprocess.Popen[bytes]]:
    """A backup that waits for a file to be deleted."""
    owner.execute("SELECT pg_advisory_lock(%s)", [FILES_LOCK])
    process = subprocess.Popen(
        [KRONIKA, "backup", file], env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _somebody_waits(owner):
            assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.wait()
        owner.execute("SELECT pg_advisory_unlock(%s)", [FILES_LOCK])


def _somebody_waits(owner: psycopg.Connection) -> bool:
    return bool(owner.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").rowcount)


def test_a_pg_dump_that_fails_is_one_line(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:
        owner.execute("CREATE TABLE cursed (id int); INSERT INTO cursed VALUES (1)")
        owner.execute("UPDATE pg_attribute SET atttypid = 0 WHERE attrelid = 'cursed'::regclass AND attname = 'id'")
        try:
            with pytest.raises(BackupError, match=r"^pg_dump failed: .*cursed"):
                backed_up(place.data_dir, folder / "a.tar")
        finally:
            owner.execute(
                "UPDATE pg_attribute SET atttypid = 23 WHERE attrelid = 'cursed'::regclass AND attname = 'id'"
            )
            owner.execute("DROP TABLE cursed")
    assert what_is_in(folder) == set()


def test_a_database_of_an_older_kronika_is_backed_up_before_its_upgrade_and_upgraded_after_its_restore(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    *older, newest = packaged_migrations()
    with embedded_postgres(folder / "older") as url:
        monkeypatch.setattr("kronika.db.migrate.packaged_migrations", lambda: older)
        assert migrate(url) == older
        monkeypatch.undo()
        taken = backed_up(folder / "older", folder / "a.tar")
    # Nobody has used it yet: it has no key to keep.
    assert not taken.secret_key
    restored(folder / "a.tar", folder / "data")
    with embedded_postgres(folder / "data") as url:
        assert migrate(url) == [newest]


def test_a_database_of_a_newer_kronika_or_of_none_is_refused(installation: Installation, folder: Path):
    with as_owner(installation.data_dir) as owner:
        owner.execute("INSERT INTO migrations (name) VALUES ('9999.from-the-future')")
        with pytest.raises(BackupError, match="newer Kronika"):
            backed_up(installation.data_dir, folder / "a.tar")
        owner.execute("DROP SCHEMA kronika CASCADE")
        with pytest.raises(BackupError, match="nothing in the database"):
            backed_up(installation.data_dir, folder / "a.tar")


def test_an_upgrade_in_the_middle_of_the_dump_is_a_failure(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:

        def upgrading(step: Step, size: int, **_: Any) -> None:
            owner.execute("INSERT INTO migrations (name) VALUES ('9999.from-the-future') ON CONFLICT DO NOTHING")

        try:
            with pytest.raises(BackupError, match="upgraded meanwhile"):
                backed_up(place.data_dir, folder / "a.tar", progress=upgrading)
        finally:
            owner.execute("DELETE FROM migrations WHERE name LIKE '9999%'")
