"""Couriers in the tests' own process, and what they did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.outgoing.sending import Sender
from kronika.sealing import Sealer
from kronika.webhooks.courier import Courier
from support.api import Api
from support.receivers import LOOPBACK, Receiver

NewCourier = Callable[..., AbstractAsyncContextManager[Courier]]
PATIENCE_SECONDS = 20
PAUSES = (0.05, 0.1, 0.15, 0.2)
LOOPBACK_SETTING = "127.0.0.0/8,::1"


@asynccontextmanager
async def courier(
    database: Database,
    secret_key: str,
    *,
    pauses: tuple[float, ...] = PAUSES,
    sender: Sender | None = None,
    places: int = 100,
) -> AsyncGenerator[Courier]:
    """A courier at work until the block ends."""
    made = Courier(database, Horizon(), sender or Sender(LOOPBACK), Sealer(secret_key), pauses=pauses, places=places)
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        made.stop()
        with suppress(asyncio.CancelledError):
            await running


async def subscribe(api: Api, url: str, *events: str, active: bool = True) -> dict[str, Any]:
    """A subscription to these types, all that happens to clients if none is given."""
    wanted = list(events) or ["clients.created", "clients.updated", "clients.deleted"]
    asked = {"url": url, "isActive": active, "subscribedEvents": wanted}
    answer = await api.post("/webhook-subscriptions", asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def until(is_so: Callable[[], Any], *, what: str = "") -> None:
    """Waits until it is so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - much of it is in the database
            await asyncio.sleep(0.005)
    assert is_so(), what


def payloads(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(visit.body) for visit in receiver.visits]


def resources(receiver: Receiver) -> list[int]:
    """The ids of what the receiver was told about, in the order of arrival."""
    return [payload["resource"]["id"] for payload in payloads(receiver)]


def header(head: str, name: str) -> str:
    return next(line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith(f"{name}:"))
