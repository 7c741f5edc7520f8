"""One worker process: the application with its pool, its log, its share of the sweeping."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.types import ASGIApp

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.server.logs import configure_logs
from kronika.server.sweeper import sweep_forever
from kronika.settings import load_settings

_PARENT_LOOK_SECONDS = 0.5


def create_worker() -> ASGIApp:
    """The application of a worker that `kronika serve` started; its settings are complete (database, secret key)."""
    configure_logs()
    settings = load_settings()
    tools = Services(settings, Database(settings.database_url), Hasher(settings.secret_key), Turns())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        _leave_interrupts_to_the_supervisor()
        await tools.database.open()
        tasks = [asyncio.create_task(sweep_forever(tools.database)), asyncio.create_task(_die_with_parent())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await tools.database.close()

    return create_app(tools, lifespan)


def _leave_interrupts_to_the_supervisor() -> None:
    # Ctrl-C reaches the whole group, and then the supervisor ends its workers by SIGTERM. granian's handler, entered by
    # the second signal while it handles the first, waits for itself (seen: one stop in ten took until the kill).
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


async def _die_with_parent() -> None:
    # A supervisor that was killed leaves us with another parent. We would go on and hold its port.
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel gives no event for it
        await asyncio.sleep(_PARENT_LOOK_SECONDS)
    os._exit(1)
