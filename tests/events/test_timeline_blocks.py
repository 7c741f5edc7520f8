"""Pages of a timeline are exact however its events came and went, in blocks so short that a few events fill several."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.api import Api
from support.records import counts_are_right, counts_of, put_event
from support.timelines import MORNING, TYPES, newest_first

from kronika.app import create_app
from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files

FILTERS = (None, *TYPES, "document_linked")
SHORT_BLOCK = 3


@pytest.fixture(scope="module")
def short_blocks_url(new_database: Callable[[str], str]) -> str:
    """A database whose timelines are cut into very short blocks, so that few events make many."""
    url = new_database("short_blocks")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION kronika.block_size() RETURNS integer"
            f" LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {SHORT_BLOCK}"
        )
    return url


@pytest.fixture(scope="module")
async def short(short_blocks_url: str, hasher: Hasher, files: Files) -> AsyncIterator[Api]:
    """A company there, with a stranger beside it."""
    async with owner_transaction(short_blocks_url) as statements:
        tokens = [
            await issue_token(statements, hasher, (await create_company(statements, name)).id, "tests", "write")
            for name in ("Acme", "Stranger")
        ]
    database = Database(short_blocks_url, connections=8)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        api, stranger = (Api(http, token.company_id, token.id, token.token) for token in tokens)
        client_id = await stranger.new_client()
        for _ in range(10):
            await stranger.record(clientId=client_id)
        yield api
        assert (await stranger.timeline(clientId=client_id))["paginator"]["totalResults"] == 10
    await database.close()


@pytest.fixture
def short_owner(short_blocks_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(short_blocks_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        yield connection


async def assert_pages_are(api: Api, client_id: int, expected: list[tuple[int, str]], per_page: int) -> None:
    """Every page of every filter shows exactly the expected ids, (id, type) newest first."""
    for type_ in FILTERS:
        ids = [event_id for event_id, of_type in expected if type_ in (None, of_type)]
        pages = -(-len(ids) // per_page)
        for page in range(1, pages + 2):
            query = {"clientId": client_id, "perPage": per_page, "page": page} | ({"type": type_} if type_ else {})
            body = await api.timeline(**query)
            assert [event["id"] for event in body["data"]] == ids[(page - 1) * per_page : page * per_page], query
            assert body["paginator"]["totalResults"] == len(ids), query
            assert body["paginator"]["totalPages"] == max(1, pages), query


_OPERATIONS = st.lists(
    st.tuples(st.just("put"), st.integers(0, 12), st.sampled_from(TYPES))
    | st.tuples(st.just("put"), st.integers(0, 12), st.just("note"))
    | st.tuples(st.just("delete"), st.integers(0, 60), st.none())
    | st.tuples(st.just("record"), st.none(), st.none()),
    max_size=45,
)
_IN_TURN = [("put", second, "note") for second in range(10)]
_BACKWARDS = [("put", second, "email") for second in range(20, 0, -1)]
_ALL_AT_ONCE = [("put", 5, type_) for type_ in TYPES * 4]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(operations=_OPERATIONS, per_page=st.integers(1, 8))
@example(operations=[*_IN_TURN, *_BACKWARDS], per_page=4)
@example(operations=[*_BACKWARDS, *_IN_TURN, *_ALL_AT_ONCE], per_page=3)
@example(operations=[*_ALL_AT_ONCE, *[("delete", 0, None)] * 12, *_ALL_AT_ONCE], per_page=5)
@example(operations=[*_IN_TURN, *[("delete", 0, None)] * 5, ("record", None, None), *_BACKWARDS], per_page=1)
async def test_however_events_come_and_go_every_page_is_that_of_a_sorted_list(
    short: Api, short_owner: psycopg.Connection, operations: list[tuple[str, Any, Any]], per_page: int
):
    client_id = await short.new_client()
    model: dict[int, tuple[datetime, str]] = {}
    for verb, number, type_ in operations:
        if verb == "put":
            at = MORNING + timedelta(seconds=number)
            model[put_event(short_owner, short.company_id, client_id, type_, at)] = (at, type_)
        elif verb == "record":
            event = (await short.record(clientId=client_id)).json()
            model[event["id"]] = (datetime.fromisoformat(event["createdAt"]), "note")
        elif model:
            event_id = list(model)[number % len(model)]
            assert (await short.delete(f"/contact-activity-logs/{event_id}")).status_code == 204
            del model[event_id]
        assert counts_are_right(short_owner, client_id)
    expected = sorted(model, key=lambda event_id: (model[event_id][0], event_id), reverse=True)
    await assert_pages_are(short, client_id, [(event_id, model[event_id][1]) for event_id in expected], per_page)


async def test_a_long_block_of_the_past_is_cut(short: Api, short_owner: psycopg.Connection):
    client_id = await short.new_client()
    for second in [*range(0, 100, 10), *range(1, 9), *range(1, 9)]:
        put_event(short_owner, short.company_id, client_id, "note", MORNING + timedelta(seconds=second))
    longest = short_owner.execute(
        "SELECT max(tally(counts, NULL)) AS n FROM timeline_blocks WHERE timeline_id = %s", [client_id]
    ).fetchone()["n"]
    assert longest < 2 * SHORT_BLOCK
    assert counts_are_right(short_owner, client_id)


async def test_eight_writers_at_once_leave_exact_counts_blocks_and_pages(
    short: Api, short_owner: psycopg.Connection, short_blocks_url: str
):
    client_id = await short.new_client()
    writers_done = asyncio.Event()

    async def write(seed: int) -> None:
        """Writes at any time, as an import would, and deletes what it finds."""
        dice = random.Random(seed)
        async with await psycopg.AsyncConnection.connect(
            short_blocks_url, autocommit=True, options="-c search_path=kronika"
        ) as connection:
            for _ in range(30):
                await (_delete_any if dice.random() < 0.35 else _put_any)(connection, short.company_id, client_id, dice)

    async def use() -> None:
        """Records and deletes as clients do."""
        for _ in range(15):
            event = (await short.record(clientId=client_id)).json()
            await short.record(clientId=client_id)
            assert (await short.delete(f"/contact-activity-logs/{event['id']}")).status_code in (204, 404)

    async def read() -> None:
        """A page that is read meanwhile agrees with itself."""
        while not writers_done.is_set():
            for type_ in (None, "note"):
                for page in (1, 2, 4):
                    query = {"clientId": client_id, "perPage": 7, "page": page} | ({"type": type_} if type_ else {})
                    body = await short.timeline(**query)
                    total = body["paginator"]["totalResults"]
                    assert len(body["data"]) == min(7, max(0, total - 7 * (page - 1))), query
                    assert body["data"] == newest_first(body["data"])

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(seed) for seed in range(6)), use(), use())
    writers_done.set()
    await reader
    assert counts_are_right(short_owner, client_id)
    rows = short_owner.execute(
        "SELECT id, type::text FROM events WHERE timeline_id = %s AND deleted_at IS NULL"
        " ORDER BY created_at DESC, id DESC",
        [client_id],
    ).fetchall()
    assert len(rows) > 4 * SHORT_BLOCK
    await assert_pages_are(short, client_id, [(row["id"], row["type"]) for row in rows], 6)


async def _put_any(connection: psycopg.AsyncConnection, company_id: int, client_id: int, dice: random.Random) -> None:
    at = MORNING + timedelta(seconds=dice.randrange(40))
    async with connection.transaction():
        cursor = await connection.execute(
            "INSERT INTO events (company_id, timeline_id, type, content, created_at, updated_at, created_by)"
            " VALUES (%(company)s, %(client)s, 'note', 'x', %(at)s, %(at)s, 'system') RETURNING id",
            {"company": company_id, "client": client_id, "at": at},
        )
        [event_id] = await cursor.fetchone()
        await asyncio.sleep(0)
        await connection.execute("SELECT count_event(%s, %s, %s, %s, 'note', 1)", [company_id, client_id, at, event_id])


async def _delete_any(
    connection: psycopg.AsyncConnection, company_id: int, client_id: int, dice: random.Random
) -> None:
    async with connection.transaction():
        cursor = await connection.execute(
            "UPDATE events SET deleted_at = clock() WHERE company_id = %s AND deleted_at IS NULL AND id = ("
            "  SELECT id FROM events WHERE timeline_id = %s AND deleted_at IS NULL ORDER BY hashint8(id # %s) LIMIT 1)"
            " RETURNING created_at, id, type::text",
            [company_id, client_id, dice.randrange(10**6)],
        )
        if row := await cursor.fetchone():
            at, event_id, type_ = row
            await connection.execute(
                "SELECT count_event(%s, %s, %s, %s, %s, -1)", [company_id, client_id, at, event_id, type_]
            )


async def test_a_page_is_one_moments_view_though_a_writer_comes_between_its_steps(
    short: Api, short_owner: psycopg.Connection
):
    client_id = await short.new_client()
    ids = [
        put_event(short_owner, short.company_id, client_id, "note", MORNING + timedelta(seconds=n))
        for n in range(2 * SHORT_BLOCK)
    ]
    query = {"clientId": client_id, "perPage": 4}
    before = await short.timeline(**query)
    with short_owner.transaction():
        # The reader has seen the timeline's row and waits here for its blocks; meanwhile the tail becomes one.
        short_owner.execute("LOCK TABLE timeline_blocks IN ACCESS EXCLUSIVE MODE")
        reading = asyncio.create_task(short.timeline(**query))
        await asyncio.sleep(0.2)
        assert not reading.done()
        ids.append(put_event(short_owner, short.company_id, client_id, "note", MORNING + timedelta(hours=1)))
    page = await reading
    after = await short.timeline(**query)
    assert [event["id"] for event in after["data"]] == ids[:-5:-1]
    assert page in (before, after)


async def test_counts_are_kept_apart_for_every_type(short: Api, short_owner: psycopg.Connection):
    client_id = await short.new_client()
    types = [row["t"] for row in short_owner.execute("SELECT unnest(enum_range(NULL::event_type))::text AS t")]
    for n, type_ in enumerate(types * 4):
        put_event(short_owner, short.company_id, client_id, type_, MORNING + timedelta(seconds=n * 7 % 11))
    assert counts_of(short_owner, client_id)["row"] == [4] * 8
    assert counts_are_right(short_owner, client_id)
