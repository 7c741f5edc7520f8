"""What a store of files can do, whichever it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Final, Protocol

from msgspec import Struct

LARGEST_PIECE: Final = 256 * 1024
"""Bytes that are in hand at once, of a file that is read or written."""

DRAFTS: Final = ".incoming"
"""Folder of what a local store is writing. No company's folder: those are numbers."""

FILE_KEY: Final = re.compile(r"[1-9][0-9]{0,17}/[0-9a-f]{2}/[0-9a-f]{32}", re.ASCII)
"""What `new_key` gives: company, two digits, the random name."""


class StoredFile(Struct, frozen=True):
    """A file as the store lists it; `modified` in seconds since the epoch."""

    key: str
    modified: float


class FileMissing(Exception):
    """The store does not have the file, or not all of it."""


class Files(Protocol):
    """A store of files that never change. Everything raises Unavailable when the store cannot be reached or is full."""

    async def put(self, key: str, pieces: AsyncIterable[bytes]) -> None:
        """Stores a file. It is there for good when this returns; nothing is there when it raises.

        Raises what `pieces` raises.
        """
        ...

    def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """So many bytes from there, at most LARGEST_PIECE at a time; fetched no faster than they are taken.

        Raises FileMissing: before the first piece when there is no such file.
        """
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Takes files away; one that is not there is no error."""
        ...

    def batches(self) -> AsyncGenerator[list[StoredFile]]:
        """All files, some hundred at a time."""
        ...

    async def drop_drafts(self, before: float) -> int:
        """Takes away what was never finished and was last written before that time; how many."""
        ...


def new_key(company_id: int) -> str:
    """A key for a file of the company: `7/3f/3f…`, 128 random bits. Nothing in it comes from a client."""
    name = secrets.token_hex(16)
    return f"{company_id}/{name[:2]}/{name}"
