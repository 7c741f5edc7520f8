"""What every process that works has: its tools, a database that is open, and chores beside its work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.server.limits import delivery_places
from kronika.server.sampling import sample_forever
from kronika.server.sweeper import sweep_forever
from kronika.settings import Settings
from kronika.storage.opening import open_files
from kronika.webhooks.courier import Courier


def new_tools(settings: Settings) -> Services:
    """The tools of a process; the settings are complete (`prepared`)."""
    hasher = Hasher(settings.secret_key)
    return Services(settings, Database(settings.database_url), hasher, Turns(), open_files(settings))


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


@asynccontextmanager
async def working(tools: Services, kind: str) -> AsyncGenerator[None]:
    """The database is open, swept and listened to while the block lasts. `kind` is what the process is, in metrics."""
    await tools.database.open()
    chores = [
        asyncio.create_task(sweep_forever(tools.database, tools.files)),
        asyncio.create_task(tools.database.news.run()),
        asyncio.create_task(tools.token_uses.write_forever(tools.database)),
        asyncio.create_task(sample_forever(kind, tools.database)),
    ]
    try:
        yield
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await tools.database.close()
