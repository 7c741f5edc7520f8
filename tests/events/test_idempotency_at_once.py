"""Of requests that are sent at once with one key, one does the work and the others wait for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import httpx2
import psycopg
import pytest
from support.api import Api
from support.idempotency import BODIES, EVENTS, REUSED, assert_is_repeated, event_body, every_create, pass_hours
from support.records import changes_of, counts_are_right, number_of_events

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files


@pytest.fixture
async def second_process(plain_api: Api, database_url: str, hasher: Hasher, files: Files) -> AsyncIterator[Api]:
    """The same company at another process of the same installation, with few connections."""
    database = Database(database_url, connections=3)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield replace(plain_api, http=http)
    await database.close()


@contextmanager
def held(url: str, api: Api, key: str, *, like: str | None = None, body: bytes = b"{}") -> Iterator[psycopg.Connection]:
    """Another process works on a request with the key, the same request as that of the key `like`; commit or roll back
    its connection.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute(
            "INSERT INTO idempotency_keys (company_id, key, fingerprint, status, body, created_at)"
            " SELECT %(company)s, %(key)s, coalesce((SELECT fingerprint FROM idempotency_keys"
            "     WHERE company_id = %(company)s AND key = %(like)s), ''), 201, %(body)s, clock()",
            {"company": api.company_id, "key": key, "like": like, "body": body},
        )
        yield connection


@pytest.mark.parametrize("expired", [False, True], ids=["new key", "expired key"])
async def test_of_two_hundred_senders_at_two_processes_one_records_and_nobody_else_is_kept_waiting(
    plain_api: Api, second_process: Api, stranger: Api, owner: psycopg.Connection, expired: bool
):
    body = await event_body(plain_api)
    if expired:
        await plain_api.post(EVENTS, body | {"metadata": {"content": "Old"}}, key="k")
        pass_hours(owner, plain_api, 100)
    events, changes = number_of_events(owner, plain_api), len(changes_of(owner, plain_api))
    with owner.transaction():
        # The first at each process waits in the database, the others in the process.
        owner.execute("SELECT FROM timelines WHERE id = %s FOR UPDATE", [body["clientId"]])
        senders = [
            asyncio.create_task(process.post(EVENTS, body, key="k"))
            for _ in range(100)
            for process in (plain_api, second_process)
        ]
        await asyncio.sleep(0.3)
        for process in (plain_api, second_process):
            others = [replace(stranger, http=process.http).get("/whoami") for _ in range(10)]
            assert {answer.status_code for answer in await asyncio.gather(*others)} == {200}
        assert not any(sender.done() for sender in senders)
    answers = await asyncio.gather(*senders)
    statuses = [answer.headers.get("Idempotency-Status") for answer in answers]
    assert {answer.status_code for answer in answers} == {201}
    assert (statuses.count("Original"), statuses.count("Repeated")) == (1, 199)
    assert len({answer.content for answer in answers}) == 1
    assert number_of_events(owner, plain_api) == events + 1
    assert len(changes_of(owner, plain_api)) == changes + 1
    assert counts_are_right(owner, body["clientId"])


@every_create
async def test_senders_at_once_make_one_of_anything(
    plain_api: Api, second_process: Api, owner: psycopg.Connection, path: str
):
    body = await BODIES[path](plain_api)
    changes = len(changes_of(owner, plain_api))
    answers = await asyncio.gather(
        *(process.post(path, body, key="k") for _ in range(15) for process in (plain_api, second_process))
    )
    statuses = [answer.headers.get("Idempotency-Status") for answer in answers]
    assert (statuses.count("Original"), statuses.count("Repeated")) == (1, 29)
    assert len({answer.content for answer in answers}) == 1
    assert len(changes_of(owner, plain_api)) == changes + 1


@every_create
async def test_of_two_payloads_at_once_one_wins_the_key(plain_api: Api, second_process: Api, path: str):
    one = await BODIES[path](plain_api)
    other = one | {"extra": True}
    answers = await asyncio.gather(
        *(process.post(path, body, key="k") for body in (one, other) for process in (plain_api, second_process) * 5)
    )
    winners = [answer for answer in answers if answer.status_code == 201]
    losers = [answer for answer in answers if answer.status_code != 201]
    assert (len(winners), len(losers)) == (10, 10)
    assert len({winner.content for winner in winners}) == 1
    assert all((loser.status_code, loser.json()) == (422, REUSED) for loser in losers)


@every_create
async def test_a_duplicate_waits_for_its_original_and_gives_its_answer(api: Api, database_url: str, path: str):
    body = await BODIES[path](api)
    await api.post(path, body, key="like")
    with held(database_url, api, "k", like="like", body=b'{"id":1}') as original:
        duplicates = [asyncio.create_task(api.post(path, body, key="k")) for _ in range(3)]
        another = asyncio.create_task(api.post(path, body | {"extra": True}, key="k"))
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in (*duplicates, another))
        original.commit()
    for duplicate in await asyncio.gather(*duplicates):
        assert (duplicate.status_code, duplicate.content) == (201, b'{"id":1}')
        assert duplicate.headers["Idempotency-Status"] == "Repeated"
    assert (await another).json() == REUSED


@every_create
async def test_when_the_original_comes_to_nothing_the_duplicate_does_the_work(api: Api, database_url: str, path: str):
    body = await BODIES[path](api)
    with held(database_url, api, "k") as original:
        duplicate = asyncio.create_task(api.post(path, body, key="k"))
        await asyncio.sleep(0.2)
        assert not duplicate.done()
        original.rollback()
    assert (await duplicate).headers["Idempotency-Status"] == "Original"
    assert_is_repeated(await api.post(path, body, key="k"), await duplicate)


@pytest.mark.slow
async def test_all_who_wait_five_seconds_for_a_key_are_told_to_come_again(
    plain_api: Api, stranger: Api, database_url: str, owner: psycopg.Connection
):
    bodies = {path: await make(plain_api) for path, make in BODIES.items()}
    before = changes_of(owner, plain_api)
    clock = asyncio.get_running_loop().time
    with ExitStack() as stack:
        holders = [stack.enter_context(held(database_url, plain_api, f"k{path}")) for path in BODIES]
        since = clock()
        waiting = []
        for _ in range(3):
            # Those who come later wait for those before them, and are told when these are.
            waiting += [asyncio.create_task(plain_api.post(path, bodies[path], key=f"k{path}")) for path in BODIES]
            await asyncio.sleep(0.3)
        assert (await stranger.record(clientId=await stranger.new_client(), key=f"k{EVENTS}")).status_code == 201
        answers = await asyncio.gather(*waiting)
        assert 4.5 < clock() - since < 9
        for holder in holders:
            holder.rollback()
    for answer in answers:
        assert (answer.status_code, list(answer.json())) == (409, ["error"])
        assert answer.headers["Retry-After"] == "1"
    assert changes_of(owner, plain_api) == before
    for path, body in bodies.items():
        assert (await plain_api.post(path, body, key=f"k{path}")).headers["Idempotency-Status"] == "Original"
