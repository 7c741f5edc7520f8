"""A list that is answered whole: what goes wrong on its way is told by a status, and troubles nobody else."""

from __future__ import annotations

import asyncio
import errno
import gc
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator

import httpx2
import psycopg
import pytest
from psycopg.pq import TransactionStatus
from support.api import Api

from kronika.app import create_app
from kronika.contacts import list_queries
from kronika.contacts.models import Contact, ContactWish
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.http import whole
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files

CLIENTS = 350


@pytest.fixture
async def narrow_api(database_url: str, hasher: Hasher, files: Files, plain_api: Api) -> AsyncIterator[Api]:
    """Our company through an application with one connection: whoever comes next gets the one that was left behind."""
    database = Database(database_url, connections=1)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield Api(http, plain_api.company_id, plain_api.token_id, plain_api.token)
    await database.close()


@pytest.fixture
def many(owner: psycopg.Connection, plain_api: Api) -> None:
    owner.execute(
        """
        WITH timeline AS (
            INSERT INTO timelines (company_id, kind) SELECT %(company)s, 'client' FROM generate_series(1, %(clients)s)
            RETURNING id
        )
        INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
        SELECT %(company)s, id, 'client', 'company', 'Client', false, clock(), clock() FROM timeline
        """,
        {"company": plain_api.company_id, "clients": CLIENTS},
    )


class FullDisk(tempfile.SpooledTemporaryFile):
    """Takes two batches of a list, then there is no more room."""

    writes = 0

    def write(self, *args: object) -> int:
        self.writes += 1
        if self.writes > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(*args)


@pytest.mark.parametrize("query", [{}, {"search": "client"}])
async def test_a_full_disk_is_a_503_and_the_next_request_is_none_the_worse_for_it(
    narrow_api: Api, owner: psycopg.Connection, many: None, monkeypatch: pytest.MonkeyPatch, query: dict
):
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "SpooledTemporaryFile", FullDisk)
        for _ in range(3):
            refused = await narrow_api.get("/clients", params=query)
            assert (refused.status_code, refused.json()) == (503, {"message": "Service Unavailable"})
            made = await narrow_api.post("/clients", {"name": "Other"})
            gc.collect()
            await asyncio.sleep(0)
            assert made.status_code == 201
            found = owner.execute("SELECT name FROM contacts WHERE id = %s", [made.json()["id"]]).fetchone()
            assert found == {"name": "Other"}
    assert len((await narrow_api.get("/clients", params={"search": "client"})).json()["data"]) == CLIENTS
    assert not whole._being_sent


async def test_what_is_left_of_a_list_ends_before_its_transaction(
    narrow_api: Api, many: None, monkeypatch: pytest.MonkeyPatch
):
    """Later, it would close its cursor in the middle of what the connection does for somebody else."""
    stream, ended_in = list_queries.stream_contacts, []

    async def watched(transaction: Transaction, wish: ContactWish) -> AsyncGenerator[list[Contact]]:
        try:
            async for rows in stream(transaction, wish):
                yield rows
        finally:
            ended_in.append(transaction._connection.info.transaction_status)

    monkeypatch.setattr(list_queries, "stream_contacts", watched)
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", FullDisk)
    assert (await narrow_api.get("/clients")).status_code == 503
    assert ended_in == [TransactionStatus.INTRANS]


async def test_a_reader_who_leaves_in_the_middle_leaves_nothing_behind(narrow_api: Api, many: None):
    for _ in range(3):
        asking = asyncio.create_task(narrow_api.get("/clients"))
        for _ in range(20):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        # It would keep the traceback, and that the file.
        del asking
        assert (await narrow_api.post("/clients", {"name": "Other"})).status_code == 201
    # What was cancelled may still be on its way out: its generators are closed by the loop, one after the other.
    async with asyncio.timeout(10):
        while whole._being_sent:
            await asyncio.sleep(0.01)
            gc.collect()


async def test_a_company_has_a_few_of_them_on_their_way_at_once(plain_api: Api, stranger: Api):
    kept = [whole._new_file(plain_api.company_id) for _ in range(4)]
    refused = await plain_api.get("/clients")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert (await plain_api.get("/clients", params={"page": 1})).status_code == 200
    assert (await stranger.get("/clients")).status_code == 200
    while kept:
        kept.pop()[0].close()
    assert (await plain_api.get("/clients")).status_code == 200
