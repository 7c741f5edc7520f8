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

# As far as a backup looks at them; where Kronika has its own already, these are not made.
_UPLOADS = """
CREATE TABLE IF NOT EXISTS uploads (
    company_id bigint, token_hash bytea, storage_key text, name text, mime_type text, size bigint
)
"""
_ATTACHMENTS = """
CREATE TABLE IF NOT EXISTS attachments (
    company_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, event_id bigint, storage_key text, name text,
    mime_type text, size bigint
)
"""
_ADD_UPLOAD = """
INSERT INTO uploads (company_id, token_hash, storage_key, name, mime_type, size)
VALUES (%(company)s, sha256(convert_to(%(key)s, 'UTF8')), %(key)s, 'a.txt', 'text/plain', %(size)s)
"""
_ADD_ATTACHMENT = """
INSERT INTO attachments (company_id, event_id, storage_key, name, mime_type, size)
VALUES (%(company)s, coalesce((SELECT min(id) FROM events WHERE company_id = %(company)s), 7), %(key)s, 'a.txt',
        'text/plain', %(size)s)
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
    owner.execute(_UPLOADS)
    owner.execute(_ATTACHMENTS)


def name_file(
    owner: psycopg.Connection[Any], key: str, *, size: int = 1, table: str = "attachments", company_id: int = 1
) -> None:
    """Makes a row that names a file; of an event of the company, or of event 7 where it has none."""
    # Without foreign keys: most of these rows only live until they have been backed up.
    owner.execute("SET session_replication_role = replica")
    statement = _ADD_UPLOAD if table == "uploads" else _ADD_ATTACHMENT
    owner.execute(statement, {"company": company_id, "key": key, "size": size})
    owner.execute("RESET session_replication_role")


def keep_file(
    data_dir: Path, owner: psycopg.Connection[Any], content: bytes, *, table: str = "attachments", company_id: int = 1
) -> str:
    """Stores a file as Kronika does: its bytes first, then the row that names it. Its key."""
    name = secrets.token_hex(16)
    key = f"{company_id}/{name[:2]}/{name}"
    path = data_dir / "files" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    name_file(owner, key, size=len(content), table=table, company_id=company_id)
    return key


def what_is_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} if folder.exists() else set()
