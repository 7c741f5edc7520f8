"""Installations to back up and places to restore into, in this process: quicker than commands."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kronika.backup.progress import Step
from kronika.backup.restoring import Restored, restore_backup
from kronika.backup.taking import Taken, take_backup
from kronika.db.embedded import embedded_postgres
from kronika.settings import Settings
from support.server import new_folder

_TABLES = """
CREATE TABLE IF NOT EXISTS {table} (
    company_id bigint NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, event_id bigint, storage_key text NOT NULL
)
"""


def unwatched(step: Step, size: int, **_: Any) -> None:
    """Nobody looks at the progress."""


def backed_up(data_dir: Path, file: Path, **options: Any) -> Taken:
    choices = {"overwrite": False, "with_secret": True, "progress": unwatched, **options}
    return take_backup(Settings(data_dir=data_dir), file, **choices)


def restored(file: Path, data_dir: Path, *, secret_key: str = "", **options: Any) -> Restored:
    choices = {"new_secret_key": False, "progress": unwatched, **options}
    return restore_backup(Settings(data_dir=data_dir, secret_key=secret_key), file, **choices)


@contextmanager
def fresh_folder() -> Generator[Path]:
    """A folder that PostgreSQL can reach and that is gone afterwards."""
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def as_owner(data_dir: Path) -> Generator[psycopg.Connection[Any]]:
    """A connection to an installation's database that may do everything."""
    with (
        embedded_postgres(data_dir) as url,
        psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection,
    ):
        connection.execute("SET search_path = kronika")
        yield connection


def make_tables_of_files(owner: psycopg.Connection[Any]) -> None:
    for table in ("uploads", "attachments"):
        owner.execute(_TABLES.format(table=table))


def keep_file(
    data_dir: Path, owner: psycopg.Connection[Any], content: bytes, *, table: str = "attachments", company_id: int = 1
) -> str:
    """Stores a file as Kronika does: its bytes first, then the row that names it. Its key."""
    name = secrets.token_hex(16)
    key = f"{company_id}/{name[:2]}/{name}"
    path = data_dir / "files" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    owner.execute(f"INSERT INTO {table} (company_id, event_id, storage_key) VALUES (%s, 7, %s)", [company_id, key])
    return key


def what_is_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} if folder.exists() else set()
