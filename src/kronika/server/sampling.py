"""What a process says of itself once a second, beside what it counts as it goes."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Final

import structlog

from kronika.db.pool import Database
from kronika.metrics.ledger import LEDGER
from kronika.metrics.numbers import (
    POOL_CONNECTIONS,
    POOL_FAILURES,
    POOL_TAKEN,
    POOL_WAIT_SECONDS,
    POOL_WAITING,
    POOL_WAITS,
    PROCESS_CPU_SECONDS,
    PROCESS_RESIDENT_BYTES,
    PROCESSES,
)

FOLDER_VARIABLE: Final = "KRONIKA_METRICS_FOLDER"
"""Not a setting: says to the processes that `serve_metrics` is around where to publish their numbers."""

_EVERY_SECONDS: Final = 1.0
_STATM: Final = Path("/proc/self/statm")

_log = structlog.get_logger("kronika")


def publish_numbers(kind: str) -> None:
    """Shows this process's numbers where metrics are served; elsewhere it does nothing. `kind` is what it is."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return
    try:
        LEDGER.publish(Path(folder))
    except OSError as error:
        _log.warning("numbers of this process are not shown", cause=error.strerror)
        return
    sample_process(kind)


def sample_process(kind: str) -> None:
    PROCESSES.set(1, kind)
    PROCESS_CPU_SECONDS.reach(time.process_time(), kind)
    if _STATM.exists():
        PROCESS_RESIDENT_BYTES.set(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE"), kind)


def sample_pool(database: Database) -> None:
    state = database.pool_state()
    POOL_CONNECTIONS.set(state.used, "used")
    POOL_CONNECTIONS.set(state.idle, "idle")
    POOL_WAITING.set(state.waiting)
    POOL_TAKEN.reach(state.taken)
    POOL_WAITS.reach(state.waits)
    POOL_WAIT_SECONDS.reach(state.waited_seconds)
    POOL_FAILURES.reach(state.failures)


async def sample_forever(kind: str, database: Database) -> None:
    """Until it is cancelled. For a process of this kind that has a pool."""
    while True:
        sample_process(kind)
        sample_pool(database)
        await asyncio.sleep(_EVERY_SECONDS)
