"""Into an empty place only, and whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.backups import as_owner, backed_up, fresh_folder, keep_file, make_tables_of_files, restored, what_is_in
from support.server import Installation

from kronika.backup.archive import read_archive, write_archive
from kronika.backup.errors import BackupError, DamagedError
from kronika.backup.progress import Step
from kronika.db.embedded import UNFINISHED_MARK, EmbeddedError, embedded_postgres
from kronika.folding import searched_words

# Restores, and kills itself with -9 at a moment.
_DIES = """
import os, sys
from pathlib import Path
from kronika.backup.restoring import restore_backup
from kronika.settings import Settings
file, data_dir, moment = sys.argv[1:]
rename = Path.rename
def dying_rename(self, target):
    if moment == "moving" and target == Path(data_dir, "postgres"):
        os.kill(os.getpid(), 9)
    return rename(self, target)
Path.rename = dying_rename
def progress(step, size, **_):
    if step == moment:
        os.kill(os.getpid(), 9)
restore_backup(Settings(data_dir=data_dir), Path(file), new_secret_key=False, progress=progress)
"""


_NOTE = """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) VALUES (%(company)s, 'client') RETURNING company_id, id
), note AS (
    INSERT INTO events (company_id, timeline_id, type, content, created_at, updated_at, created_by)
    SELECT company_id, id, 'note', 'x', clock(), clock(), 'system' FROM timeline RETURNING company_id, id
)
SELECT keep_event_words(company_id, id, %(words)s) FROM note
"""


@dataclass
class Backup:
    file: Path
    without_secret: Path
    secret_key: str
    stored: dict[str, bytes]


@pytest.fixture(scope="module")
def backup() -> Iterator[Backup]:
    """Of two companies with a note and a file each."""
    source = Installation()
    stored: dict[str, bytes] = {}
    with fresh_folder() as folder, as_owner(source.data_dir) as owner:
        make_tables_of_files(owner)
        # Attachments of no event, which this one would refuse when it is restored.
        owner.execute("ALTER TABLE attachments DROP CONSTRAINT IF EXISTS attachments_company_id_event_id_fkey")
        for company, name in enumerate(("Acme", "Stranger"), 1):
            assert source.json("company", "create", name)["id"] == company
            content = name.encode() * 1000
            owner.execute(_NOTE, {"company": company, "words": searched_words(f"Poznámka {name}")})
            stored[keep_file(source.data_dir, owner, content, company_id=company)] = content
        lost = keep_file(source.data_dir, owner, b"an upload's", table="uploads")
        (source.data_dir / "files" / lost).unlink()
        backed_up(source.data_dir, folder / "a.tar")
        backed_up(source.data_dir, folder / "without.tar", with_secret=False)
        key = (source.data_dir / "secret.key").read_text().strip()
        yield Backup(folder / "a.tar", folder / "without.tar", key, stored)
    source.clean_up()


@pytest.fixture
def place(backup: Backup) -> Iterator[Installation]:
    """An environment whose data folder is not there."""
    with fresh_folder() as folder:
        yield Installation(data_dir=folder / "data")


def _is_restored(place: Installation, backup: Backup, *, beside: Collection[str] = ()) -> None:
    assert what_is_in(place.data_dir) >= {"files", "postgres", "secret.key"}
    assert what_is_in(place.data_dir) & {"restoring"} == set(beside)
    for key, content in backup.stored.items():
        assert (place.data_dir / "files" / key).read_bytes() == content
    with as_owner(place.data_dir) as owner:
        companies = owner.execute("SELECT name FROM companies ORDER BY id").fetchall()
        # Whose bytes were not there, so that nothing could be claimed with it.
        assert owner.execute("SELECT FROM uploads").rowcount == 0
        owner.execute("SET kronika.company_id = '1'")
        assert owner.execute("SELECT * FROM matching_events('{poznam,acme}', 9)").rowcount == 1
        assert owner.execute("SELECT * FROM matching_events('{stranger}', 9)").rowcount == 0
    assert [company["name"] for company in companies] == ["Acme", "Stranger"]


def _is_empty(place: Installation) -> None:
    assert what_is_in(place.data_dir) <= {"postgres.start.lock"}


def test_what_a_killed_restore_leaves_is_not_used_and_the_next_restore_succeeds(place: Installation, backup: Backup):
    for moment in (Step.DATABASE, "moving"):
        command = [sys.executable, "-c", _DIES, backup.file, place.data_dir, moment]
        assert subprocess.run(command, check=False).returncode == -9
        assert "restoring" in what_is_in(place.data_dir)
        assert ("secret.key" in what_is_in(place.data_dir)) is (moment == "moving")
        with pytest.raises(EmbeddedError, match="`kronika restore` again"), embedded_postgres(place.data_dir):
            pass
    done = place.run("serve")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    said = place.json("restore", str(backup.file))
    assert said.keys() == {"data", "createdAt", "kronika", "files", "secretKey", "seconds"}
    assert (said["data"], said["files"], said["secretKey"]) == (str(place.data_dir), 2, True)
    _is_restored(place, backup)


def test_two_restores_into_one_place_do_not_meet(place: Installation, backup: Backup):
    refused: list[str] = []

    def restoring_too(step: Step, size: int, **_: Any) -> None:
        if step is Step.DATABASE:
            with pytest.raises(BackupError) as error:
                restored(backup.file, place.data_dir)
            refused.append(str(error.value))

    restored(backup.file, place.data_dir, progress=restoring_too)
    assert refused == [f"another restore into {place.data_dir} is under way"]
    _is_restored(place, backup)


@pytest.mark.parametrize("part", ["postgres/PG_VERSION", "secret.key", "files/1/aa/x"])
def test_a_place_that_is_not_empty_is_refused_and_left_as_it_is(place: Installation, backup: Backup, part: str):
    precious = place.data_dir / part
    name = precious.relative_to(place.data_dir).parts[0]
    precious.parent.mkdir(parents=True)
    precious.write_text("precious")
    with pytest.raises(BackupError, match=f"is not empty, it has {name}: "):
        restored(backup.file, place.data_dir)
    assert precious.read_text() == "precious"
    assert what_is_in(place.data_dir) == {name, "postgres.start.lock"}


def test_a_folder_of_files_that_lies_elsewhere_is_not_replaced(place: Installation, backup: Backup):
    place.data_dir.mkdir()
    (place.data_dir / "files").symlink_to(place.data_dir.parent)
    with pytest.raises(BackupError, match="is not empty, it has files"):
        restored(backup.file, place.data_dir)


def test_a_folder_called_as_a_restores_own_gives_nothing_away(place: Installation, backup: Backup):
    """It was removed with the whole installation once."""
    restored(backup.file, place.data_dir)
    notes = place.data_dir / "restoring" / "notes.txt"
    notes.parent.mkdir()
    notes.write_text("precious")
    _is_restored(place, backup, beside={"restoring"})
    with as_owner(place.data_dir), pytest.raises(BackupError, match=f"Kronika runs on {place.data_dir}: "):
        restored(backup.file, place.data_dir)
    with pytest.raises(BackupError, match=r"is not empty, it has files and secret\.key and postgres: "):
        restored(backup.file, place.data_dir)
    _is_restored(place, backup, beside={"restoring"})

    # Where there is nothing else either it may not be taken.
    for part in ("files", "postgres"):
        shutil.rmtree(place.data_dir / part)
    (place.data_dir / "secret.key").unlink()
    with pytest.raises(BackupError, match="restoring is not of a restore, and in the way of one"):
        restored(backup.file, place.data_dir)
    assert notes.read_text() == "precious"
    notes.unlink()
    restored(backup.file, place.data_dir)
    _is_restored(place, backup)


def test_what_is_in_use_is_not_removed_even_with_the_mark_of_a_restore(place: Installation, backup: Backup):
    restored(backup.file, place.data_dir)
    with as_owner(place.data_dir):
        (place.data_dir / "restoring").mkdir()
        (place.data_dir / "restoring" / UNFINISHED_MARK).touch()
        with pytest.raises(BackupError, match=f"Kronika runs on {place.data_dir}: "):
            restored(backup.file, place.data_dir)
        shutil.rmtree(place.data_dir / "restoring")
    _is_restored(place, backup)


def test_a_backup_that_lies_where_a_restore_clears_up_is_not_restored_there(place: Installation, backup: Backup):
    inside = place.data_dir / "restoring" / "a.tar"
    inside.parent.mkdir(parents=True)
    shutil.copy(backup.file, inside)
    (inside.parent / UNFINISHED_MARK).touch()
    with pytest.raises(BackupError, match=f"move it out of {inside.parent} first"):
        restored(inside, place.data_dir)
    assert inside.read_bytes() == backup.file.read_bytes()


def test_a_damaged_backup_touches_nothing(place: Installation, backup: Backup):
    damaged = bytearray(backup.file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file = place.data_dir.parent / "damaged.tar"
    file.write_bytes(damaged)
    with pytest.raises(DamagedError, match=f"{file} is damaged or no backup: "):
        restored(file, place.data_dir)
    done = place.run("restore", "--verify", str(file))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"kronika: {file} is damaged or no backup: ")
    assert not place.data_dir.exists()
    with pytest.raises(BackupError, match="No such file"):
        restored(place.data_dir.parent / "nothing.tar", place.data_dir)
    with pytest.raises(BackupError, match="Is a directory"):
        restored(place.data_dir.parent, place.data_dir)


@pytest.mark.parametrize("options", [(), ("--verify",)])
def test_a_pipe_is_not_waited_for(place: Installation, options: tuple[str, ...]):
    os.mkfifo(place.data_dir.parent / "pipe")
    for file in ("-", str(place.data_dir.parent / "pipe")):
        done = place.run("restore", *options, file)
        assert (done.returncode, done.stderr) == (
            1,
            f"kronika: {file}: a pipe cannot be read twice: name a file\n",
        )
    assert not place.data_dir.exists()


def test_what_speaks_against_a_restore_is_said_before_the_whole_archive_is_read(place: Installation, backup: Backup):
    cut_off = place.data_dir.parent / "cut-off.tar"
    cut_off.write_bytes(backup.without_secret.read_bytes()[:4096])
    with pytest.raises(BackupError, match="is not the key of this backup"):
        restored(cut_off, place.data_dir, secret_key="another key that is long enough to be one")
    assert not place.data_dir.exists()
    place.data_dir.mkdir()
    (place.data_dir / "secret.key").write_text("precious")
    with pytest.raises(BackupError, match=r"is not empty, it has secret\.key: "):
        restored(cut_off, place.data_dir)


def _forged(backup: Backup, file: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> Path:
    """The backup with other entries and checksums that are right: what no verification can find."""
    with backup.file.open("rb") as source, file.open("wb") as target, write_archive(target, _made_at(backup)) as writer:
        for entry in read_archive(source):
            name, content = change(entry.name, b"".join(entry.pieces))
            writer.append(name, len(content), [content])
    return file


def _made_at(backup: Backup) -> int:
    with tarfile.open(backup.file) as archive:
        return int(archive.getmembers()[0].mtime)


def test_a_restore_that_fails_in_the_middle_leaves_the_place_as_empty_as_it_was(place: Installation, backup: Backup):
    forged = place.data_dir.parent / "forged.tar"
    dump = "database/00000001"
    _forged(backup, forged, lambda name, content: (name, b"no dump" if name == dump else content))
    with pytest.raises(BackupError, match="pg_restore failed: "):
        restored(forged, place.data_dir)
    _is_empty(place)

    # The last file under a name that no row knows.
    last = f"files/{max(backup.stored)}"
    _forged(backup, forged, lambda name, content: (name[:-6] + "ffffff" if name == last else name, content))
    with pytest.raises(DamagedError, match=r"lacks a file of attachment [0-9]+ of event [0-9]+, company 2"):
        restored(forged, place.data_dir)
    _is_empty(place)

    # Cut off, with checksums that are right.
    _forged(backup, forged, lambda name, content: (name, content[:-1] if name == last else content))
    with pytest.raises(DamagedError, match="company 2, has 7999 bytes and not 8000"):
        restored(forged, place.data_dir)
    _is_empty(place)

    def interrupted(step: Step, size: int, **_: Any) -> None:
        if step is Step.FILES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restored(backup.file, place.data_dir, progress=interrupted)
    _is_empty(place)


def test_without_its_secret_key_a_backup_waits_for_it(place: Installation, backup: Backup):
    with pytest.raises(BackupError, match="KRONIKA_SECRET_KEY"):
        restored(backup.without_secret, place.data_dir)
    with pytest.raises(BackupError, match="is not the key of this backup"):
        restored(backup.without_secret, place.data_dir, secret_key="another key that is long enough to be one")
    assert not place.data_dir.exists()
    restored(backup.without_secret, place.data_dir, secret_key=backup.secret_key)
    assert "secret.key" not in what_is_in(place.data_dir)
    place.settings = {"SECRET_KEY": backup.secret_key}
    assert len(place.json("company", "list")["companies"]) == 2


def test_a_key_that_is_lost_or_known_to_others_is_replaced_when_told(place: Installation, backup: Backup):
    said = place.run("restore", "--new-secret-key", str(backup.file)).stdout
    assert "The secret key of before was not taken over" in said
    assert "left out" not in said
    assert "secret.key" not in what_is_in(place.data_dir)
    assert len(place.json("company", "list")["companies"]) == 2
    assert (place.data_dir / "secret.key").read_text().strip() != backup.secret_key


def test_where_the_place_is_not_a_folder_of_ours_is_said_in_one_line(place: Installation, backup: Backup):
    place.settings = {"DATABASE_URL": "postgresql://db.example/kronika"}
    done = place.run("restore", str(backup.file))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "docs/backup.md" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can restore for others")
def test_root_does_not_restore_what_its_user_could_not_read(place: Installation, backup: Backup):
    place.data_dir.mkdir()
    shutil.chown(place.data_dir, 4711)
    with pytest.raises(BackupError, match="belongs to user id 4711"):
        restored(backup.file, place.data_dir)
