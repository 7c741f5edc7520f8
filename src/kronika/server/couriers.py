"""`kronika worker`: sends webhooks, and does the sweeping, for a server on this machine or others."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Final

import uvloop

from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.server.limits import allow_files, delivery_places
from kronika.server.logs import configure_logs
from kronika.server.metrics import serve_metrics
from kronika.server.prepared import prepared
from kronika.server.sampling import sample_forever
from kronika.server.sweeper import sweep_forever
from kronika.settings import Settings, SettingsError
from kronika.storage.opening import open_files
from kronika.webhooks.courier import Courier

_KIND: Final = "sender"


def new_courier(tools: Services) -> Courier:
    """A courier with the tools of its process."""
    return Courier(
        tools.database,
        tools.horizon,
        tools.sender,
        tools.sealer,
        pauses=tools.settings.retry_pauses,
        places=delivery_places(),
    )


def work(settings: Settings, *, on_ready: Callable[[], None]) -> None:
    """Works until it is interrupted.

    Raises SettingsError, EmbeddedError, DatabaseError: it cannot start; a database of an older version is one reason.
    """
    configure_logs()
    if not settings.database_url and not (settings.data_dir / "postgres").is_dir():
        raise SettingsError(
            f"there is no database in {settings.data_dir}: start `kronika serve` first, or set KRONIKA_DATABASE_URL"
        )
    allow_files()
    with prepared(settings) as complete, serve_metrics(complete, _KIND):
        uvloop.run(_work(complete, on_ready))


async def _work(settings: Settings, on_ready: Callable[[], None]) -> None:
    tools = Services(
        settings, Database(settings.database_url), Hasher(settings.secret_key), Turns(), open_files(settings)
    )
    courier = new_courier(tools)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, courier.stop)
    await tools.database.open()
    chores = [
        asyncio.create_task(sweep_forever(tools.database, tools.files)),
        asyncio.create_task(tools.database.news.run()),
        asyncio.create_task(sample_forever(_KIND, tools.database)),
    ]
    try:
        on_ready()
        await courier.run()
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await tools.database.close()
