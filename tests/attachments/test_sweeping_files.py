"""What no row names goes from the store, in its time and not while a backup is made; what a row names never goes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import psycopg
import pytest
from support.api import Api, errors_of
from support.files import EVENTS, TEXT, download, event_with, kept, upload
from support.tables import rows_of

from kronika.app import create_app
from kronika.attachments import queries
from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.locks import FILES_LOCK
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.errors import Unavailable
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.server.files_sweep import search_files, sweep_files
from kronika.server.sweeper import sweep
from kronika.settings import Settings
from kronika.storage.files import new_key
from kronika.storage.local import LocalFiles

HOUR = 3600
WAITING = """
SELECT FROM pg_locks w JOIN pg_stat_activity a USING (pid) WHERE NOT w.granted AND a.datname = current_database()
"""


@pytest.fixture(scope="module")
def swept_url(new_database: Callable[[str], str]) -> str:
    """A database of this file's own: sweeps look at all companies."""
    return new_database("swept_files")


@pytest.fixture
def owner(swept_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(swept_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute("UPDATE installation SET files_searched_at = NULL")
        connection.execute("TRUNCATE files_to_remove")
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def store(folder: Path) -> LocalFiles:
    files = LocalFiles(folder)
    files.prepare()
    return files


@pytest.fixture
async def connections(swept_url: str, owner: psycopg.Connection, hasher: Hasher) -> AsyncIterator[Database]:
    owner.execute("INSERT INTO installation (secret_check) VALUES (%s) ON CONFLICT DO NOTHING", [hasher.check_value])
    pool = Database(swept_url, connections=4)
    await pool.open()
    yield pool
    await pool.close()


@pytest.fixture
async def api(swept_url: str, connections: Database, hasher: Hasher, store: LocalFiles) -> AsyncIterator[Api]:
    """A company there; its files and a stranger's are in the same store."""
    async with owner_transaction(swept_url) as statements:
        company = (await create_company(statements, "Acme")).id
        token = await issue_token(statements, hasher, company, "tests", "write")
    settings = Settings(rate_limit=0, public_url="http://kronika.test")
    app = create_app(Services(settings, connections, hasher, Turns(), store))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield Api(http, company, token.id, token.token)


def orphan(folder: Path, company: int, *, hours: float) -> Path:
    """A file that a crash has left behind so long ago."""
    file = folder / new_key(company)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"nobody's")
    os.utime(file, (time.time() - hours * HOUR,) * 2)
    return file


def make_old(files: Sequence[Path]) -> None:
    for file in files:
        os.utime(file, (time.time() - 1000 * HOUR,) * 2)


async def test_an_upload_that_nobody_claims_goes_after_a_day_with_its_bytes(
    api: Api, connections: Database, store: LocalFiles, *, folder: Path, owner: psycopg.Connection, pass_hours
):
    event = await event_with(api)
    await upload(api, ("old", TEXT))
    pass_hours(api, 24.01)
    await upload(api, ("new", TEXT))
    assert await sweep(connections) == 1
    assert rows_of(owner, api.company_id)["files_to_remove"] == 1
    assert await sweep_files(connections, store) == 1
    assert rows_of(owner, api.company_id)["files_to_remove"] == 0
    assert len(kept(folder, api.company_id)) == 2
    assert (await download(api, event["attachments"][0])).content == TEXT
    assert await sweep_files(connections, store) == 0


async def test_the_bytes_of_a_removed_attachment_go_after_a_week(
    api: Api, connections: Database, store: LocalFiles, folder: Path, pass_hours
):
    event = await event_with(api, ("a", TEXT), ("b", TEXT), ("c", TEXT))
    ids = [attachment["id"] for attachment in event["attachments"][:2]]
    change = {"metadata": event["metadata"], "deletedAttachmentIds": ids}
    assert (await api.patch(f"{EVENTS}/{event['id']}", change)).status_code == 200
    pass_hours(api, 7 * 24 - 0.01)
    assert await sweep_files(connections, store) == 0
    pass_hours(api, 0.02)
    assert await sweep_files(connections, store, step=1) == 2
    (left,) = kept(folder, api.company_id)
    assert left.read_bytes() == TEXT
    assert (await download(api, event["attachments"][2])).content == TEXT


async def test_nothing_goes_while_a_backup_is_made(
    api: Api, connections: Database, store: LocalFiles, *, folder: Path, swept_url: str, pass_hours
):  # fmt: skip
    await upload(api)
    pass_hours(api, 25)
    await sweep(connections)
    lost = orphan(folder, api.company_id, hours=25)
    with psycopg.connect(swept_url, autocommit=True) as backup:
        backup.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
        assert await sweep_files(connections, store) == 0
        assert await search_files(connections, store) == 0
        assert len(kept(folder, api.company_id)) == 2
        # A connection that is closed gives its locks back a moment later.
        backup.execute("SELECT pg_advisory_unlock_shared(%s)", [FILES_LOCK])
    assert await sweep_files(connections, store) == 1
    # The search that met the backup is done now, and not a day later.
    assert await search_files(connections, store) == 1
    assert not lost.exists()


async def test_what_a_crash_left_behind_goes_when_it_is_a_day_old_and_what_a_row_names_stays(
    api: Api, connections: Database, store: LocalFiles, folder: Path, owner: psycopg.Connection
):
    event = await event_with(api, ("a", TEXT), ("b", TEXT))
    change = {"metadata": event["metadata"], "deletedAttachmentIds": [event["attachments"][1]["id"]]}
    await api.patch(f"{EVENTS}/{event['id']}", change)
    await upload(api)
    named = kept(folder, api.company_id)
    make_old(named)
    old = [orphan(folder, company, hours=24.1) for company in (api.company_id, 999_999)]
    young = orphan(folder, api.company_id, hours=23.9)
    stray = folder / str(api.company_id) / "aa" / "notes.txt"
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("an operator's")
    make_old([stray])
    assert await search_files(connections, store) == 2
    assert not any(file.exists() for file in old)
    assert sorted(kept(folder, api.company_id)) == sorted([*named, young, stray])
    assert await search_files(connections, store) == 0, "once a day"
    owner.execute("UPDATE installation SET files_searched_at = files_searched_at - interval '24 hours'")
    make_old([young])
    assert await search_files(connections, store) == 1


async def test_a_search_that_fails_is_done_the_next_time(
    api: Api, connections: Database, store: LocalFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    lost = orphan(folder, api.company_id, hours=30)

    async def broken(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(store, "delete", broken)
    with pytest.raises(Unavailable):
        await search_files(connections, store)
    monkeypatch.undo()
    assert lost.exists()
    assert await search_files(connections, store) == 1


async def test_a_search_passes_over_what_is_not_ours(
    api: Api, connections: Database, store: LocalFiles, folder: Path, tmp_path: Path
):
    lost = orphan(folder, api.company_id, hours=30)
    elsewhere = orphan(tmp_path / "elsewhere", api.company_id, hours=30)
    company = folder / str(api.company_id)
    strays = [folder / ".DS_Store", folder / "12", company / ".DS_Store", lost.parent / ".DS_Store"]
    for stray in strays:
        stray.write_bytes(b"a file")
    make_old(strays)
    (folder / "999999").symlink_to(elsewhere.parent.parent)
    (company / "zz").symlink_to(elsewhere.parent)
    (lost.parent / ("f" * 32)).mkdir()
    (lost.parent / ("e" * 32)).symlink_to(elsewhere)
    make_old([lost.parent / ("f" * 32)])
    assert await search_files(connections, store) == 1
    assert not lost.exists()
    assert all(path.exists() for path in [*strays, elsewhere, lost.parent / ("e" * 32), lost.parent / ("f" * 32)])


async def test_of_two_processes_one_searches(api: Api, connections: Database, store: LocalFiles, folder: Path):
    for _ in range(3):
        orphan(folder, api.company_id, hours=30)
    assert sorted(await asyncio.gather(*[search_files(connections, store) for _ in range(3)])) == [0, 0, 3]


async def test_a_store_that_fails_keeps_the_note_for_the_next_time(
    api: Api, connections: Database, store: LocalFiles, *, folder: Path, monkeypatch: pytest.MonkeyPatch, pass_hours
):
    await upload(api)
    pass_hours(api, 25)
    await sweep(connections)

    async def broken(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(store, "delete", broken)
    with pytest.raises(Unavailable):
        await sweep_files(connections, store)
    monkeypatch.undo()
    assert await sweep_files(connections, store) == 1
    assert kept(folder, api.company_id) == []


@pytest.fixture
async def tomorrow(swept_url: str) -> AsyncIterator[Database]:
    """Connections whose clock is 25 hours ahead: for them, every upload of today has ended."""
    async with AsyncExitStack() as stack:
        clock = urlencode(
            {"options": f"-c kronika.now={datetime.now(UTC) + timedelta(hours=25):%Y-%m-%dT%H:%M:%SZ}"}, quote_via=quote
        )
        pool = Database(f"{swept_url}{'&' if '?' in swept_url else '?'}{clock}", connections=2)
        await pool.open()
        stack.push_async_callback(pool.close)
        yield pool


async def test_a_sweep_that_meets_a_claim_leaves_it_the_file(
    api: Api, store: LocalFiles, tomorrow: Database, *, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    client_id = await api.new_client()
    (token,) = await upload(api, ("claimed", TEXT))
    await upload(api, ("unclaimed", TEXT))
    reached, go_on = asyncio.Event(), asyncio.Event()
    claim = queries.claim

    async def held(*arguments: Any) -> None:
        reached.set()
        await go_on.wait()
        await claim(*arguments)

    monkeypatch.setattr(queries, "claim", held)
    recording = asyncio.ensure_future(api.record(clientId=client_id, attachmentUploadTokens=[token]))
    await reached.wait()
    async with asyncio.timeout(20):
        await sweep(tomorrow)
        await sweep_files(tomorrow, store)
    assert len(kept(folder, api.company_id)) == 1, "the other one is gone, so it was swept indeed"
    go_on.set()
    event = await recording
    assert event.status_code == 201
    await sweep(tomorrow)
    await sweep_files(tomorrow, store)
    assert (await download(api, event.json()["attachments"][0])).content == TEXT


async def test_a_claim_that_meets_a_sweep_finds_nothing(
    api: Api, store: LocalFiles, tomorrow: Database, *, folder: Path, owner: psycopg.Connection
):
    client_id = await api.new_client()
    (token,) = await upload(api)
    async with tomorrow.across_companies() as sweeping:
        await sweeping.run("SELECT sweep_uploads(100)")
        recording = asyncio.ensure_future(api.record(clientId=client_id, attachmentUploadTokens=[token]))
        for _ in range(2000):
            if owner.execute(WAITING).rowcount:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("the claim does not wait")
    response = await recording
    assert errors_of(response) == {"attachmentUploadTokens.0": ["This does not exist."]}
    await sweep_files(tomorrow, store)
    assert kept(folder, api.company_id) == []
