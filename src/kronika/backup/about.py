"""The first entry of an archive: what it is of, and who can restore it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from kronika.backup.errors import BackupError, DamagedError
from kronika.credentials import Hasher
from kronika.db.embedded import major_version
from kronika.db.migrate import unknown_migrations

FORMAT = 1
"""Goes up when an older Kronika would restore a newer archive wrongly."""

_MOMENT: Final = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"
# PostgreSQL counts them in 32 bits, and a restore takes the next; no installation lives to see a thousand.
_LAST_EPOCH: Final = 2**31

SecretKey = Literal["included", "left out"]


class About(Struct, frozen=True, kw_only=True):
    """What is known before the first byte of the database is read.

    `secret_check` tells in hexadecimal digits which secret key belongs to it, and nothing else; null: none was ever
    used. `transaction_epoch` is the upper half of the newest transaction number (xid8) there was.
    """

    format: int
    kronika: str
    postgresql: int
    migrations: list[str]
    created_at: Annotated[str, Meta(pattern=_MOMENT)]
    files: Annotated[int, Meta(ge=0)]
    secret_key: SecretKey
    secret_check: str | None
    transaction_epoch: Annotated[int, Meta(ge=0, le=_LAST_EPOCH)]

    def is_of(self, secret_key: str) -> bool:
        """Whether tokens of this installation work with the key."""
        return self.secret_check in {None, Hasher(secret_key).check_value.hex()}


class _Versioned(Struct):
    format: int
    kronika: str


def encode_about(about: About) -> bytes:
    return msgspec.json.format(msgspec.json.encode(about), indent=2) + b"\n"


def decode_about(content: bytes) -> About:
    """Raises DamagedError: it is none. BackupError: only a newer Kronika can restore it."""
    try:
        version = msgspec.json.decode(content, type=_Versioned)
        if version.format > FORMAT:
            raise _newer(version.kronika)
        about = msgspec.json.decode(content, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DamagedError("its first entry says nothing of a backup") from None
    if unknown_migrations(about.migrations) or about.postgresql > int(major_version()):
        raise _newer(about.kronika)
    return about


def _newer(version: str) -> BackupError:
    return BackupError(f"the backup was made by a newer Kronika ({version}): restore it with that version")
