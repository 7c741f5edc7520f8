"""Takes away what has had its time: expired keys, spent windows, old change records and deliveries, sessions, files.

In small steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, LiteralString

import structlog
from msgspec import Struct

from kronika.db.pool import Database
from kronika.server.files_sweep import search_files, sweep_files
from kronika.storage.files import Files

_EVERY_SECONDS = 60
_PAUSE_SECONDS = 0.05
_STEP = 1000
# Asked for now and then, done once a day: see search_files.
_SEARCH_EVERY = 5

SWEEPS: Final[tuple[LiteralString, ...]] = (
    "SELECT sweep_idempotency_keys(%(most)s) AS swept",
    "SELECT sweep_rate_windows(%(most)s) AS swept",
    "SELECT sweep_changes(%(most)s) AS swept",
    "SELECT sweep_uploads(%(most)s) AS swept",
    "SELECT sweep_sessions(%(most)s) AS swept",
    "SELECT sweep_sign_in_windows(%(most)s) AS swept",
    "SELECT sweep_links(%(most)s) AS swept",
    "SELECT sweep_webhook_deliveries(%(most)s) AS swept",
    "SELECT sweep_webhook_subscriptions(%(most)s) AS swept",
    "SELECT sweep_event_words(%(most)s) AS swept",
)

_log = structlog.get_logger("kronika")


class _Swept(Struct):
    swept: int


async def sweep_forever(database: Database, files: Files) -> None:
    """Sweeps every minute until it is cancelled. Any number of processes may: they leave each other's rows alone."""
    minutes = 0
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        minutes += 1
        await _try(sweep(database))
        await _try(sweep_files(database, files))
        if minutes % _SEARCH_EVERY == 0:
            await _try(search_files(database, files))


async def _try(work: Coroutine[Any, Any, int]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever it was, the next minute is another try
        _log.warning("sweep put off", error=type(error).__name__, cause=type(error.__cause__).__name__)


async def sweep(database: Database, *, step: int = _STEP) -> int:
    """Sweeps until nothing is left to sweep; how many rows it took away."""
    total = 0
    for statement in SWEEPS:
        while swept := (await database.call(_Swept, statement, {"most": step})).swept:
            total += swept
            if swept < step:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
    return total
