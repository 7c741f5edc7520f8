"""`kronika worker`: sends webhooks, and does the sweeping, for a server on this machine or others."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Final

import uvloop

from kronika.server.limits import allow_files
from kronika.server.logs import configure_logs
from kronika.server.metrics import serve_metrics
from kronika.server.prepared import prepared
from kronika.server.process import new_courier, new_tools, working
from kronika.settings import Settings, SettingsError

_KIND: Final = "sender"


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
    tools = new_tools(settings)
    courier = new_courier(tools)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, courier.stop)
    async with working(tools, _KIND):
        on_ready()
        await courier.run()
