"""One worker process: the application with its pool, its log, its share of the sweeping."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp

from kronika.app import create_app
from kronika.http.services import Services
from kronika.server.logs import configure_logs
from kronika.server.process import new_courier, new_tools, working
from kronika.server.sampling import publish_numbers
from kronika.settings import load_settings
from kronika.webhooks.courier import Courier

STOP_SIGNAL: Final = signal.SIGUSR1
"""Comes before SIGTERM: granian begins to end a worker only when its last answer has ended, and streams never do."""

_KIND: Final = "worker"


def create_worker() -> ASGIApp:
    """The application of a worker that `kronika serve` started; its settings are complete (database, secret key)."""
    configure_logs()
    tools = new_tools(load_settings())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        _die_with_parent()
        _leave_interrupts_to_the_supervisor()
        publish_numbers(_KIND)
        courier = new_courier(tools)
        asyncio.get_running_loop().add_signal_handler(STOP_SIGNAL, _begin_to_stop, tools, courier)
        async with working(tools, _KIND):
            sending = [asyncio.create_task(courier.run())] if tools.settings.webhook_sending else []
            try:
                yield
            finally:
                courier.stop()
                await asyncio.gather(*sending, return_exceptions=True)

    return create_app(tools, lifespan)


def _begin_to_stop(tools: Services, courier: Courier) -> None:
    courier.stop()
    tools.stopping.set()
    tools.database.news.wake_all()


def _leave_interrupts_to_the_supervisor() -> None:
    # Ctrl-C reaches the whole group, and then the supervisor ends its workers by SIGTERM. granian's handler, entered by
    # the second signal while it handles the first, waits for itself (seen: one stop in ten took until the kill).
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _die_with_parent() -> None:
    # A supervisor that was killed would leave us behind, holding its port. The sentinel is a pipe whose other end only
    # it has: it tells at once, also when the parent died before we could look.
    parent = multiprocessing.parent_process()
    if parent is not None:
        asyncio.get_running_loop().add_reader(parent.sentinel, os._exit, 1)
