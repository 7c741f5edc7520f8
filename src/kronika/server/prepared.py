"""A database that is ready for this installation: started if it is ours, migrated, and of our secret key."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from kronika.credentials import Hasher, new_secret_key
from kronika.db.embedded import embedded_postgres
from kronika.db.migrate import ensure_migrated, migrate
from kronika.db.pool import SCHEMA
from kronika.durable import sync_folder
from kronika.settings import SECRET_FILE, Settings, SettingsError, judged_secret_key

_CLAIM = """
INSERT INTO {schema}.installation (secret_check) VALUES (%(check)s) ON CONFLICT DO NOTHING
"""
_BELONGS = "SELECT secret_check = %(check)s FROM {schema}.installation"


@contextmanager
def prepared(settings: Settings, *, upgrade: bool = False) -> Generator[Settings]:
    """The settings completed with the database's URL and the secret key, as long as the block lasts.

    A database of an older version is migrated where `upgrade` is wished for, else refused: a command must not upgrade
    the database under a running server.

    Raises SettingsError: the secret key is not this database's. EmbeddedError, DatabaseError: there is no database.
    """
    where = nullcontext(settings.database_url) if settings.database_url else embedded_postgres(settings.data_dir)
    with where as database_url:
        if upgrade:
            migrate(database_url)
        else:
            ensure_migrated(database_url)
        secret_key = settings.secret_key or _kept_secret_key(settings.data_dir / SECRET_FILE)
        _check_secret_key(database_url, secret_key)
        yield settings.model_copy(update={"database_url": database_url, "secret_key": secret_key})


def _kept_secret_key(file: Path) -> str:
    """The key in the file, made when there is none. Two processes that make it at once agree on one."""
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
            draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as stream:
                stream.write(new_secret_key() + "\n")
                stream.flush()
                os.fsync(handle)
            with suppress(FileExistsError):
                file.hardlink_to(draft)
            draft.unlink()
            sync_folder(file.parent)
        return judged_secret_key(file.read_text(encoding="ascii").strip())
    except ValueError:
        raise SettingsError(f"{file} holds no secret key") from None
    except OSError as error:
        raise SettingsError(f"cannot keep a secret key in {file}: {error.strerror}; set KRONIKA_SECRET_KEY") from None


def _check_secret_key(database_url: str, secret_key: str) -> None:
    values = {"check": Hasher(secret_key).check_value}
    schema = sql.Identifier(SCHEMA)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL(_CLAIM).format(schema=schema), values)
        row = connection.execute(sql.SQL(_BELONGS).format(schema=schema), values).fetchone()
    if row is None or not row[0]:
        raise SettingsError(
            "KRONIKA_SECRET_KEY does not belong to this database: tokens issued with another key would not work"
        )
