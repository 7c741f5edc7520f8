"""Takes files out of the store that no row names any more: those noted in `files_to_remove`, and those that a crash
left behind. Never while a backup is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog
from msgspec import Struct

from kronika.db.locks import FILES_LOCK
from kronika.db.pool import Database
from kronika.db.statements import Found, Statements
from kronika.storage.files import FILE_KEY, Files

_STEP: Final = 50
"""Files that are taken away under one hold of the lock: some seconds of a slow store."""
_HELD_SECONDS: Final = 20
_ORPHAN_SECONDS: Final = 24 * 3600
"""An upload gets its row at its end: it waits for its client an hour at most, and for the store far less than a day."""

_LOCK: Final = "SELECT pg_try_advisory_xact_lock(%(lock)s) AS found"
_DUE: Final = "SELECT storage_key FROM files_due(%(most)s)"
_REMOVED: Final = "SELECT files_removed(%(keys)s::text[])"
_NAMELESS: Final = "SELECT storage_key FROM files_without_name(%(keys)s::text[])"
_TAKE_SEARCH: Final = "SELECT take_search_for_files() AS found"
_GIVE_SEARCH_BACK: Final = "SELECT give_back_search_for_files() AS found"
_CLOCK: Final = "SELECT clock() AS now"

_log = structlog.get_logger("kronika")


class _Held(Exception):
    """FILES_LOCK is somebody else's."""


class _Key(Struct):
    storage_key: str


class _Clock(Struct):
    now: datetime


async def sweep_files(database: Database, files: Files, *, step: int = _STEP) -> int:
    """Takes away the files whose time has come; how many. None while a backup is made or another process is at it."""
    total = 0
    while True:
        async with _sole_taker(database) as statements:
            if statements is None:
                return total
            due = [row.storage_key for row in await statements.all(_Key, _DUE, most=step)]
            if due:
                # The note goes last: after a crash in between, what is gone is taken away once more.
                await files.delete(due)
                await statements.run(_REMOVED, keys=due)
        total += len(due)
        if len(due) < step:
            return total


async def search_files(database: Database, files: Files) -> int:
    """Once a day, by one process of all: takes away the files that no row names and that are old enough for none to
    come; how many. A shared store must not be given to two databases: each would take the other's files.

    What fails, or meets a backup, is tried anew the next time.
    """
    if not (await database.call(Found, _TAKE_SEARCH, {})).found:
        return 0
    try:
        return await _search(database, files)
    except _Held:
        await database.call(Found, _GIVE_SEARCH_BACK, {})
        return 0
    except BaseException:
        # Said of the failure itself, which matters more than one of giving back.
        with suppress(Exception):
            await database.call(Found, _GIVE_SEARCH_BACK, {})
        raise


async def _search(database: Database, files: Files) -> int:
    before = (await database.call(_Clock, _CLOCK, {})).now.timestamp() - _ORPHAN_SECONDS
    dropped = await files.drop_drafts(before)
    try:
        async with aclosing(files.batches()) as batches:
            async for batch in batches:
                old = [file.key for file in batch if file.modified < before and FILE_KEY.fullmatch(file.key)]
                for start in range(0, len(old), _STEP):
                    dropped += await _drop_nameless(database, files, old[start : start + _STEP])
    finally:
        if dropped:
            _log.warning("files that no row names", dropped=dropped)
    return dropped


async def _drop_nameless(database: Database, files: Files, keys: Sequence[str]) -> int:
    async with _sole_taker(database) as statements:
        if statements is None:
            raise _Held
        nameless = [row.storage_key for row in await statements.all(_Key, _NAMELESS, keys=list(keys))]
        if nameless:
            await files.delete(nameless)
        return len(nameless)


@asynccontextmanager
async def _sole_taker(database: Database) -> AsyncGenerator[Statements | None]:
    """A transaction that holds FILES_LOCK; None: somebody else does. Left in time to be sure that it still does."""
    async with database.across_companies() as statements, asyncio.timeout(_HELD_SECONDS):
        held = (await statements.one(Found, _LOCK, lock=FILES_LOCK)).found
        yield statements if held else None
