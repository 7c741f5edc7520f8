"""Whoever is cancelled while he asks the database ends, at whatever moment: what is stopped would go on else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from msgspec import Struct

from kronika.db.pool import Database
from kronika.http.lanes import Lanes
from kronika.http.turns import Turns


class One(Struct, frozen=True):
    one: int


async def asks(database: Database) -> None:
    await database.call(One, "SELECT 1 AS one", {})


async def takes_a_lane(_: Database) -> None:
    async with Lanes().take("a name"):
        await asyncio.sleep(0)


async def takes_turns(_: Database) -> None:
    turns = Turns()

    async def take() -> None:
        async with turns.take("a key"):
            await asyncio.sleep(0)

    first = asyncio.ensure_future(take())
    await take()
    await first


@pytest.mark.parametrize("work", [asks, takes_a_lane, takes_turns])
async def test_no_moment_is_a_bad_one_to_be_cancelled_at(
    database: Database, work: Callable[[Database], Awaitable[None]]
):
    async def for_ever() -> None:
        while True:
            await work(database)

    for turns_of_the_loop in range(60):
        task = asyncio.create_task(for_ever())
        for _ in range(turns_of_the_loop):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=1)
        task.cancel()
        assert done, f"goes on when it is cancelled after {turns_of_the_loop} turns of the loop"
        assert task.cancelled()
