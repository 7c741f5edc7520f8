"""One reader for all streams of a company: none misses anything, is told anything twice, or waits for another."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psycopg
import pytest
from changes.conftest import Watch
from support.api import Api
from support.couriers import until
from support.watching import Watching

from kronika.changes import following, journal, stream
from kronika.changes.journal import last_drawn
from kronika.db import horizon
from kronika.db.horizon import Horizon
from kronika.db.pool import Database

_HORIZON = {horizon._MARK, horizon._OLDEST, horizon._KNOWN, horizon._MAKE_KNOWN}


def told(there: Watching) -> list[int]:
    """The positions of the changes that it was told."""
    return [int(position) for position in re.findall(rb"id: (\d+)\nevent: .*\ndata: ", there.sent)]


def last_id(there: Watching, before: int) -> int:
    return max([before, *map(int, re.findall(rb"^id: (\d+)\n", there.sent, re.MULTILINE))])


def positions(owner: psycopg.Connection, api: Api, after: int = 0) -> list[int]:
    query = "SELECT position FROM changes WHERE company_id = %s AND position > %s ORDER BY position"
    return [row["position"] for row in owner.execute(query, [api.company_id, after]).fetchall()]


async def all_is_final(database: Database, api: Api) -> int:
    """The horizon, when everything that has happened is before it: others on this server may hold it back."""
    ours = Horizon()
    async with database.transaction(api.company_id) as transaction:
        last = await last_drawn(transaction)
    while (upto := await ours.reach(database)) < last:
        pass
    return upto


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is small and quick, so that the window is left behind all the time."""
    monkeypatch.setattr(following, "_PIECE", 3)
    monkeypatch.setattr(following, "_MOST_PIECES", 2)
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(following, "_GATHER_SECONDS", 0.002)
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 0.05)


@pytest.fixture
async def another_database(database_url: str) -> AsyncIterator[Database]:
    database = Database(f"{database_url}&application_name=another", connections=4)
    await database.open()
    yield database
    await database.close()


def has_read(database: Database, api: Api, upto: int) -> bool:
    """Whether the company's reader knows the journal up to there."""
    reader = following._readers.get((database, api.company_id))
    return reader is not None and reader._window.end >= upto


def end_connections(owner: psycopg.Connection) -> None:
    """All of the other database are gone."""
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'another' AND datname = current_database()"
    )


@pytest.mark.parametrize("fails", [False, True], ids=["", "the database goes and comes back"])
@pytest.mark.usefixtures("small")
async def test_viewers_who_come_and_go_and_are_slow_see_all_that_many_write(
    plain_api: Api, owner: psycopg.Connection, watch: Watch, another_database: Database, *, fails: bool
):
    start = await all_is_final(another_database, plain_api)
    client_id = await plain_api.new_client()
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def view(chance: random.Random) -> list[int]:
        seen: list[int] = []
        cursor = start
        while not (last.done() and cursor >= last.result()):
            stays = chance.randrange(1, 40)
            async with watch(plain_api, on=another_database, last_event_id=str(cursor)) as there:
                while (
                    not there.is_over
                    and len(told(there)) < stays
                    and not (last.done() and last_id(there, cursor) >= last.result())
                ):
                    there.takes.clear()
                    await asyncio.sleep(chance.choice([0, 0, 0.01, 0.05]))
                    there.takes.set()
                    await asyncio.sleep(0.005)
            seen += told(there)
            cursor = last_id(there, cursor)
        return seen

    async def write(chance: random.Random) -> None:
        for _ in range(4):
            await asyncio.gather(*(plain_api.record(clientId=client_id) for _ in range(chance.randrange(1, 5))))
            await asyncio.sleep(chance.random() / 20)
            if fails:
                end_connections(owner)

    viewers = [asyncio.create_task(view(random.Random(n))) for n in range(6)]
    await asyncio.gather(*(write(random.Random(n)) for n in range(3)))
    written = positions(owner, plain_api, start)
    last.set_result(written[-1])
    assert await asyncio.gather(*viewers) == [written] * 6


async def test_streams_end_when_the_database_fails_and_who_comes_again_has_missed_nothing(
    plain_api: Api, owner: psycopg.Connection, watch: Watch, another_database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 1000)
    start = await all_is_final(another_database, plain_api)
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(watch(plain_api, on=another_database)) for _ in range(3)]
        await until(lambda: all(there.sent for there in streams))
        end_connections(owner)
        await until(lambda: all(there.is_over for there in streams))
        assert not following._readers
    await plain_api.new_client()
    async with watch(plain_api, on=another_database, last_event_id=str(start)) as there:
        await until(lambda: told(there) == positions(owner, plain_api, start))


@pytest.mark.usefixtures("small")
async def test_who_takes_nothing_holds_up_nobody_and_misses_nothing(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, watch: Watch, database: Database
):
    start = await all_is_final(database, plain_api)
    after = f"after={start}"
    async with watch(plain_api, after) as slow, watch(plain_api, after) as quick, watch(stranger, after) as theirs:
        await until(lambda: slow.sent and quick.sent)
        slow.takes.clear()
        for _ in range(15):
            await plain_api.new_client()
            await stranger.new_client()
        written = positions(owner, plain_api, start)
        await until(lambda: told(quick) == written)
        assert len(told(slow)) < len(written)
        slow.takes.set()
        await until(lambda: told(slow) == written)
        await until(lambda: told(theirs) == positions(owner, stranger, start))


@pytest.mark.usefixtures("small")
async def test_one_type_is_told_from_the_journal_and_from_the_window(
    plain_api: Api, owner: psycopg.Connection, watch: Watch, database: Database
):
    for _ in range(4):
        await plain_api.new_client()
        await plain_api.new_supplier()
    await all_is_final(database, plain_api)
    async with watch(plain_api), watch(plain_api, "after=0&type=suppliers.created") as there:
        await until(lambda: len(told(there)) == 4)
        for _ in range(4):
            await plain_api.new_client()
            await plain_api.new_supplier()
        await until(lambda: len(told(there)) == 8)
        assert set(re.findall(rb"event: (.*)\n", there.sent)) == {b"suppliers.created"}
    assert len(set(told(there))) == 8


async def test_a_commit_costs_one_read_however_many_streams_are_told(
    plain_api: Api,
    watch: Watch,
    database: Database,
    statements: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
):
    # Nobody's trust is renewed meanwhile: that is for each stream, once a second while it is told.
    monkeypatch.setattr(stream, "_TRUST_SECONDS", 1000)
    costs: list[Counter[str]] = []
    for number in (1, 12):
        after = await all_is_final(database, plain_api)
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(watch(plain_api, f"after={after}")) for _ in range(number)]
            await until(lambda: all(there.sent for there in streams))  # noqa: B023 - run at once
            await until(lambda: has_read(database, plain_api, after))  # noqa: B023 - run at once
            statements.clear()
            for n in range(4):
                await plain_api.new_client()
                await until(lambda: all(len(told(there)) == n + 1 for there in streams))  # noqa: B023 - run at once
            costs.append(Counter({what: count for what, count in statements.items() if what not in _HORIZON}))
    assert costs[0] == costs[1]
    assert (costs[1][journal._READ], costs[1][journal._SWEPT]) == (4, 4)


async def test_streams_of_which_nothing_happens_cost_one_look_for_all_of_them(
    plain_api: Api, watch: Watch, database: Database, statements: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    after = await all_is_final(database, plain_api)
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(watch(plain_api, f"after={after}")) for _ in range(12)]
        await until(lambda: all(there.sent for there in streams) and has_read(database, plain_api, after))
        assert len(database.news._waiters[plain_api.company_id]) == 1
        statements.clear()
        await until(lambda: statements[horizon._MARK] >= 5)
        assert not set(statements) - _HORIZON
    assert not following._readers
    await until(lambda: plain_api.company_id not in database.news._waiters)


async def test_what_was_swept_away_is_told_to_those_who_miss_it_and_to_nobody_else(
    plain_api: Api, owner: psycopg.Connection, watch: Watch, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    await plain_api.new_client()
    start = await all_is_final(database, plain_api)
    async with watch(plain_api, f"after={start}") as there:
        await until(lambda: there.sent)
        await all_is_final(database, plain_api)
        with owner.transaction():
            owner.execute(
                "INSERT INTO changes (company_id, type, resource_id, actor, occurred_at)"
                " VALUES (%s, 'clients.updated', 1, 'system', now() - interval '91 days')",
                [plain_api.company_id],
            )
            while owner.execute("SELECT sweep_changes(1000) AS n").fetchone()["n"]:
                pass
        now = await all_is_final(database, plain_api)
        async with watch(plain_api, f"after={now}") as newer:
            await until(lambda: there.is_over)
            assert b"event: swept-away" in there.sent
            await plain_api.new_client()
            await until(lambda: len(told(newer)) == 1)
            assert b"swept-away" not in newer.sent
    async with watch(plain_api, f"after={start}") as again:
        await until(lambda: b"event: swept-away" in again.sent)


async def test_an_answer_that_somebody_gave_up_waiting_for_is_nobodys_horizon(
    plain_api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
):
    await all_is_final(database, plain_api)
    ours = Horizon()
    turns = asyncio.Semaphore(0)
    asked = 0
    call = database.call

    async def in_turn(into: type, statement: str, values: object) -> object:
        nonlocal asked
        if statement == horizon._MARK:
            asked += 1
            await turns.acquire()
        return await call(into, statement, values)  # type: ignore[arg-type] - passed on

    monkeypatch.setattr(database, "call", in_turn)
    first = asyncio.create_task(ours.reach(database))
    await until(lambda: asked == 1)
    second, third = (asyncio.create_task(ours.reach(database)) for _ in range(2))
    turns.release()
    await first
    await until(lambda: asked == 2)
    second.cancel()
    await until(lambda: asked == 3)
    turns.release()
    await third
