"""`kronika backup`: everything into one archive, while the server runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import IO, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from kronika import __version__
from kronika.backup.about import FORMAT, About, encode_about
from kronika.backup.archive import ABOUT, DATABASE, FILES, PIECE, SECRET, Writer, write_archive
from kronika.backup.draft import draft_of, flush_to_disk
from kronika.backup.errors import BackupError, DamagedError
from kronika.backup.place import installed_data_dir
from kronika.backup.programs import dumping
from kronika.backup.progress import Progress, Step
from kronika.backup.snapshot import NamedFile, Snapshot, snapshot_of
from kronika.backup.stored import files_left_out, opened
from kronika.backup.verifying import verify
from kronika.credentials import Hasher
from kronika.db.embedded import embedded_postgres, major_version
from kronika.settings import FILES_FOLDER, SECRET_FILE, Settings, judged_secret_key


class Taken(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a backup holds. Sizes in bytes; `database_size` is that of the compressed dump.

    `left_out`: how many files of uploads are not in it, because their bytes are not there.
    """

    file: str
    created_at: str
    size: int
    database_size: int
    files: int
    files_size: int
    left_out: int
    secret_key: bool
    verified: bool
    seconds: float


def take_backup(settings: Settings, file: Path, *, overwrite: bool, with_secret: bool, progress: Progress) -> Taken:
    """Writes the backup to FILE and reads it again. FILE is there only when all went well.

    Raises BackupError, EmbeddedError, DatabaseError: it cannot be taken.
    """
    began = time.monotonic()
    data_dir = installed_data_dir(settings)
    try:
        with draft_of(file, overwrite=overwrite) as draft:
            taken = _take(settings, data_dir, draft, with_secret=with_secret, progress=progress)
            flush_to_disk(draft)
            draft.seek(0)
            verify(draft, taken.size, progress)
    except DamagedError as error:
        raise DamagedError(f"{file} does not read as it was written, look at the disk: {error}") from None
    except OSError as error:
        raise BackupError(f"cannot write {file}: {error.strerror or error}") from None
    return replace(taken, file=str(file), verified=True, seconds=_since(began))


def stream_backup(settings: Settings, stream: BinaryIO, *, with_secret: bool, progress: Progress) -> Taken:
    """Writes the backup to a pipe, from where nobody can read it again. Raises as `take_backup` does."""
    began = time.monotonic()
    data_dir = installed_data_dir(settings)
    try:
        taken = _take(settings, data_dir, stream, with_secret=with_secret, progress=progress)
        stream.flush()
    except OSError as error:
        raise BackupError(f"cannot write the backup: {error.strerror or error}") from None
    return replace(taken, seconds=_since(began))


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _take(settings: Settings, data_dir: Path, stream: BinaryIO, *, with_secret: bool, progress: Progress) -> Taken:
    with embedded_postgres(data_dir) as url, snapshot_of(url) as snapshot:
        secret = _secret_key(settings, data_dir, snapshot) if with_secret else None
        left_out = files_left_out(snapshot, data_dir / FILES_FOLDER)
        about = _about(snapshot, secret, snapshot.files.count - len(left_out))
        with write_archive(stream, int(snapshot.at.timestamp())) as writer:
            _append(writer, ABOUT, encode_about(about))
            if secret:
                _append(writer, SECRET, secret.encode("ascii") + b"\n")
            database_size = _add_database(writer, url, snapshot, progress)
            files = (file for file in snapshot.files if file.key not in left_out)
            files_size = _add_files(
                writer, snapshot, files, data_dir / FILES_FOLDER, count=about.files, progress=progress
            )
    return Taken(
        file="-",
        created_at=about.created_at,
        size=writer.size,
        database_size=database_size,
        files=about.files,
        files_size=files_size,
        left_out=len(left_out),
        secret_key=secret is not None,
        verified=False,
        seconds=0,
    )


def _secret_key(settings: Settings, data_dir: Path, snapshot: Snapshot) -> str | None:
    """The key that Kronika keeps. One in the environment is kept by whoever set it there."""
    if settings.secret_key or snapshot.secret_check is None:
        return None
    file = data_dir / SECRET_FILE
    try:
        key = judged_secret_key(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise BackupError(f"cannot read {file}: {error.strerror}; --without-secret leaves it out") from None
    except ValueError:
        raise BackupError(f"{file} holds no secret key; --without-secret leaves it out") from None
    if Hasher(key).check_value.hex() != snapshot.secret_check:
        raise BackupError(f"{file} is not the key of this database; --without-secret leaves it out")
    return key


def _about(snapshot: Snapshot, secret: str | None, files: int) -> About:
    return About(
        format=FORMAT,
        kronika=__version__,
        postgresql=int(major_version()),
        migrations=snapshot.migrations,
        created_at=snapshot.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        files=files,
        secret_key="included" if secret else "left out",
        secret_check=snapshot.secret_check,
        transaction_epoch=snapshot.transaction_epoch,
    )


def _append(writer: Writer, name: str, content: bytes) -> None:
    writer.append(name, len(content), [content])


def _add_database(writer: Writer, url: str, snapshot: Snapshot, progress: Progress) -> int:
    total = 0
    with dumping(url, snapshot.name, PIECE) as pieces:
        for number, piece in enumerate(pieces, 1):
            _append(writer, f"{DATABASE}{number:08}", piece)
            total += len(piece)
            progress(Step.DATABASE, total)
    snapshot.end()
    return total


def _add_files(
    writer: Writer, snapshot: Snapshot, files: Iterable[NamedFile], folder: Path, *, count: int, progress: Progress
) -> int:
    total = 0
    for number, file in enumerate(files, 1):
        # Unbuffered: most files are smaller than a piece.
        with os.fdopen(opened(snapshot, folder, file), "rb", buffering=0) as stored:
            writer.append(FILES + file.key, file.size, _pieces(stored, folder / file.key))
        total += file.size
        progress(Step.FILES, total, files=number, of_files=count)
    return total


def _pieces(stored: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        while piece := stored.read(PIECE):
            yield piece
    except OSError as error:
        raise BackupError(f"cannot read {path}: {error.strerror}") from None
