"""The installation that is backed up, and the empty place that a backup is restored into."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from kronika.backup.errors import BackupError
from kronika.db.embedded import (
    UNFINISHED,
    UNFINISHED_MARK,
    EmbeddedError,
    is_in_use,
    is_unfinished,
    start_lock,
    stop_server,
)
from kronika.durable import sync_file, sync_folder
from kronika.settings import FILES_FOLDER, SECRET_FILE, Settings
from kronika.storage.files import DRAFTS

_CLUSTER = "postgres"
# In the order in which they are moved into their place.
_PARTS = (FILES_FOLDER, SECRET_FILE, _CLUSTER)


def local_data_dir(settings: Settings) -> Path:
    """The data directory of an installation that keeps everything there.

    Raises BackupError: it does not.
    """
    for variable, value in {
        "KRONIKA_DATABASE_URL": settings.database_url,
        "KRONIKA_STORAGE_URL": settings.storage_url,
    }.items():
        if value:
            raise BackupError(f"{variable} is set: how to back up and restore what is kept there is in docs/backup.md")
    return settings.data_dir


def installed_data_dir(settings: Settings) -> Path:
    """The same of one that has a database. Raises BackupError: there is none, or it is somebody else's."""
    data_dir = local_data_dir(settings)
    try:
        there = (data_dir / _CLUSTER / "PG_VERSION").exists() or is_unfinished(data_dir)
    except PermissionError:
        raise BackupError(f"{data_dir} is closed to you: run it as the user who runs Kronika, or as root") from None
    if not there:
        raise BackupError(f"there is no Kronika in {data_dir} (KRONIKA_DATA_DIR)")
    return data_dir


def is_stopped(data_dir: Path) -> bool:
    """Whether its PostgreSQL has written all it had to write and ended."""
    return not (data_dir / _CLUSTER / "postmaster.pid").exists()


def judge_place(data_dir: Path) -> None:
    """Raises what `empty_place` would raise now; makes nothing of it."""
    if data_dir.is_dir():
        _judge_owner(data_dir)
        with start_lock(data_dir):
            _judge(data_dir)


@contextmanager
def empty_place(data_dir: Path) -> Generator[Path]:
    """A data directory to prepare, inside the real one; when the block ends well, its parts take their places there.

    As long as its mark is there nobody starts a server on `data_dir`, also after a crash: the next restore begins
    anew. The mark's removal, when all parts are in their places, is what makes the restore valid.

    Raises BackupError: the place is not empty, is in use, is being restored into, or is somebody else's.
    """
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    _judge_owner(data_dir)
    staging = data_dir / UNFINISHED
    with _claimed(data_dir, staging):
        try:
            yield staging
            # Of the database PostgreSQL has seen to it, of the files nobody has.
            _sync(staging / FILES_FOLDER, staging / SECRET_FILE)
            sync_folder(staging)
            for part in _PARTS:
                # A start that was refused may have made a folder meanwhile.
                _remove(data_dir / part)
                with suppress(FileNotFoundError):
                    (staging / part).rename(data_dir / part)
            sync_folder(data_dir)
        except BaseException:
            _clear(data_dir, staging)
            _give_up_claim(staging)
            raise
        _empty(staging)
        _give_up_claim(staging)
        sync_folder(data_dir)


def _sync(*paths: Path) -> None:
    # All at once, which is quicker than each by itself; but only the latter says when a disk could not.
    os.sync()
    for path in paths:
        if path.is_dir():
            _sync_tree(path)
        elif path.exists():
            sync_file(path)


def _sync_tree(top: Path) -> None:
    for folder, _, files in os.walk(top, topdown=False):
        for name in files:
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


def refuse_inside(data_dir: Path, file: Path) -> None:
    """Raises BackupError: a restore into the place would remove FILE, as what an earlier one has left."""
    place, found = data_dir.resolve(), file.resolve()
    if any(found.is_relative_to(place / name) for name in (UNFINISHED, *_PARTS)):
        raise BackupError(f"{file} is where it would be restored to: move it out of {found.parent} first")


def _judge_owner(data_dir: Path) -> None:
    owner = data_dir.stat().st_uid
    # Root could, but that user, who is to run Kronika, could not read what root has restored.
    if os.geteuid() == 0 and owner:
        raise BackupError(f"{data_dir} belongs to user id {owner}: restore as that user")


def _judge(data_dir: Path) -> None:
    """Whether all that a restore would remove is what an earlier one has left. The caller holds the start lock."""
    if is_in_use(data_dir):
        raise BackupError(f"Kronika runs on {data_dir}: restore into an empty place, which KRONIKA_DATA_DIR names")
    if is_unfinished(data_dir):
        return
    if full := [part for part in _PARTS if _is_there(data_dir / part)]:
        raise BackupError(
            f"{data_dir} is not empty, it has {' and '.join(full)}: "
            "restore into an empty place, which KRONIKA_DATA_DIR names"
        )
    staging = data_dir / UNFINISHED
    # An empty folder may be the first step of a restore that was killed before its second.
    if os.path.lexists(staging) and (staging.is_symlink() or not staging.is_dir() or any(staging.iterdir())):
        raise BackupError(f"{staging} is not of a restore, and in the way of one: move it elsewhere")


@contextmanager
def _claimed(data_dir: Path, staging: Path) -> Generator[None]:
    with start_lock(data_dir):
        _judge(data_dir)
        staging.mkdir(mode=0o711, exist_ok=True)
        handle = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _lock(staging, handle)
            _judge(data_dir)
            _mark(staging)
        except BlockingIOError:
            os.close(handle)
            raise BackupError(f"another restore into {data_dir} is under way") from None
        except BaseException:
            os.close(handle)
            raise
    try:
        _clear(data_dir, staging)
        yield
    finally:
        os.close(handle)


def _lock(staging: Path, handle: int) -> None:
    """Raises BlockingIOError: another restore has it, or had it when the handle was opened."""
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not (staging.exists() and os.path.samestat(staging.stat(), os.fstat(handle))):
        raise BlockingIOError


def _mark(staging: Path) -> None:
    mark = staging / UNFINISHED_MARK
    mark.touch(mode=0o600)
    sync_folder(staging)
    sync_folder(staging.parent)


def _give_up_claim(staging: Path) -> None:
    (staging / UNFINISHED_MARK).unlink()
    staging.rmdir()


def _is_there(part: Path) -> bool:
    # What is mounted or linked cannot be replaced by a rename.
    if part.is_symlink() or part.is_mount():
        return True
    # Drafts of uploads are nothing to keep.
    return any(entry.name != DRAFTS for entry in part.iterdir()) if part.is_dir() else part.exists()


def _clear(data_dir: Path, staging: Path) -> None:
    # The server of a killed restore may still run; one that another version has left cannot.
    with suppress(EmbeddedError):
        stop_server(staging)
    for part in _PARTS:
        _remove(data_dir / part)
    _empty(staging)


def _empty(staging: Path) -> None:
    for entry in staging.iterdir():
        if entry.name != UNFINISHED_MARK:
            _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
