"""The files that rows name, and the secret key."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from support.backups import as_owner, backed_up, keep_file, name_file, what_is_in
from support.server import Installation

from kronika.backup.archive import DATABASE, FILES
from kronika.backup.errors import BackupError
from kronika.backup.progress import Step
from kronika.db.locks import FILES_LOCK


def _names(file: Path) -> list[str]:
    with tarfile.open(file) as archive:
        return archive.getnames()


def test_files_that_rows_name_are_in_it_and_no_others(place: Installation, folder: Path):
    files = place.data_dir / "files"
    with as_owner(place.data_dir) as owner:
        upload = keep_file(place.data_dir, owner, b"not claimed yet", table="uploads", company_id=10)
        attachment = keep_file(place.data_dir, owner, b"c", company_id=2)
        orphan = keep_file(place.data_dir, owner, b"nobody's")
        owner.execute("DELETE FROM attachments WHERE storage_key = %s", [orphan])
        (files / ".incoming").mkdir(exist_ok=True)
        (files / ".incoming" / "half").write_bytes(b"half")
        try:
            taken = backed_up(place.data_dir, folder / "a.tar")
        finally:
            owner.execute("DELETE FROM attachments; DELETE FROM uploads")
    assert (taken.files, taken.files_size, taken.left_out) == (2, 16, 0)
    assert sorted(name for name in _names(folder / "a.tar") if name.startswith(FILES)) == [
        FILES + upload,
        FILES + attachment,
    ]


def test_a_file_that_a_row_names_and_that_is_missing_is_a_failure_that_names_the_row(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:
        keep_file(place.data_dir, owner, b"there")
        missing = keep_file(place.data_dir, owner, b"gone", company_id=3)
        (place.data_dir / "files" / missing).unlink()
        try:
            with pytest.raises(BackupError, match=r"attachment \d+ of event 7, company 3, is missing: .*PATCH"):
                backed_up(place.data_dir, folder / "a.tar")
        finally:
            owner.execute("DELETE FROM attachments")
    assert what_is_in(folder) == set()


def test_a_file_that_is_not_as_long_as_its_row_says_is_a_failure(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:
        files = [place.data_dir / "files" / keep_file(place.data_dir, owner, b"whole") for _ in range(2)]
        cut_off = max(files)

        def cutting(step: Step, size: int, **_: Any) -> None:
            cut_off.write_bytes(b"who")

        try:
            # Whether it is found before anything is written, or only when its turn comes.
            for options in ({"progress": cutting}, {}):
                with pytest.raises(BackupError, match="company 1, has 3 bytes and not 5: "):
                    backed_up(place.data_dir, folder / "a.tar", **options)
        finally:
            owner.execute("DELETE FROM attachments")
    assert what_is_in(folder) == set()


def test_uploads_whose_files_are_not_there_are_left_out_and_counted(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:
        there, gone, cut_off = (keep_file(place.data_dir, owner, b"waits", table="uploads") for _ in range(3))
        (place.data_dir / "files" / gone).unlink()
        (place.data_dir / "files" / cut_off).write_bytes(b"wai")
        try:
            taken = backed_up(place.data_dir, folder / "a.tar")
            said = place.run("backup", str(folder / "b.tar")).stdout
        finally:
            owner.execute("DELETE FROM uploads")
    assert (taken.files, taken.files_size, taken.left_out) == (1, 5, 2)
    assert "2 files of uploads that no event has claimed were not there" in said
    assert [name for name in _names(folder / "a.tar") if name.startswith(FILES)] == [FILES + there]


def test_a_key_that_leads_elsewhere_is_a_failure(place: Installation, folder: Path):
    with as_owner(place.data_dir) as owner:
        name_file(owner, "../secret.key")
        with pytest.raises(BackupError, match=r"secret\.key"):
            backed_up(place.data_dir, folder / "a.tar")
        owner.execute("DELETE FROM attachments")


def test_no_stored_file_is_deleted_during_a_backup(place: Installation, folder: Path):
    free: list[bool] = []

    with as_owner(place.data_dir) as owner:

        def looking(step: Step, size: int, **_: Any) -> None:
            row = owner.execute("SELECT pg_try_advisory_lock(%s) AS free", [FILES_LOCK]).fetchone()
            free.append(row["free"])

        backed_up(place.data_dir, folder / "a.tar", progress=looking)
        assert free[0] is False
        looking(Step.DATABASE, 0)
        assert free[-1] is True


def test_the_secret_key_is_left_out_where_it_is_wished_or_kept_elsewhere(place: Installation, folder: Path):
    key = (place.data_dir / "secret.key").read_text().strip()
    assert not backed_up(place.data_dir, folder / "wished.tar", with_secret=False).secret_key
    place.settings = {"SECRET_KEY": key}
    try:
        assert place.json("backup", str(folder / "elsewhere.tar"))["secretKey"] is False
    finally:
        place.settings = {}
    for name in ("wished.tar", "elsewhere.tar"):
        assert key.encode() not in (folder / name).read_bytes()
        assert [entry for entry in _names(folder / name) if not entry.startswith(DATABASE)] == [
            "about.json",
            "SHA256SUMS",
        ]


@pytest.mark.parametrize("content", [None, "", "a key of another installation altogether"])
def test_a_backup_that_could_not_be_used_for_lack_of_its_key_is_not_taken(
    place: Installation, folder: Path, content: str | None
):
    file = place.data_dir / "secret.key"
    key = file.read_text()
    file.unlink()
    if content is not None:
        file.write_text(content)
    try:
        with pytest.raises(BackupError, match="--without-secret"):
            backed_up(place.data_dir, folder / "a.tar")
        backed_up(place.data_dir, folder / "a.tar", with_secret=False)
    finally:
        file.write_text(key)
