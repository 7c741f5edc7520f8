"""Uploads that are refused, break off or fail in the middle: the client is told, and nothing stays."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import weakref
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from support.api import PREFIX, Api, errors_of
from support.files import TEXT, UPLOADS, kept, send
from support.forms import BOUNDARY, END, FORM, part, post

from kronika.credentials import new_token
from kronika.storage import local


async def never() -> AsyncIterator[bytes]:
    raise AssertionError("the body was asked for")
    yield b""


class Sent:
    """A body in pieces, and how many of its bytes were taken."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.taken = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), 10_000):
            self.taken = min(start + 10_000, len(self.body))
            yield self.body[start : start + 10_000]


@pytest.fixture
async def refused(plain_api: Api, new_api) -> list[tuple[Api, int]]:
    """Those who may not upload, and what they are told."""
    limited = await new_api(rate_limit=1)
    await limited.get("/whoami")
    unknown, mistyped = (
        Api(plain_api.http, plain_api.company_id, plain_api.token_id, token) for token in (new_token(), "nonsense")
    )
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    return [(reader, 403), (limited, 429), (unknown, 401), (mistyped, 401)]


@pytest.mark.usefixtures("nothing_stays")
async def test_who_may_not_upload_is_told_so_when_all_was_sent_and_nothing_of_it_is_kept(
    refused: list[tuple[Api, int]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kronika.storage.local.LocalFiles.put", None)
    for api, status in refused:
        sent = Sent(part(b"x" * 900_000) + END)
        response = await post(api, sent.pieces())
        assert (response.status_code, sent.taken, response.headers.get("connection")) == (status, len(sent.body), None)


@pytest.mark.usefixtures("nothing_stays")
async def test_who_may_not_upload_and_waits_to_be_told_is_told_before_a_byte(refused: list[tuple[Api, int]]):
    for api, status in refused:
        response = await post(api, never(), Expect="100-Continue")
        assert (response.status_code, response.headers["connection"]) == (status, "close")


@pytest.mark.usefixtures("nothing_stays")
async def test_of_who_is_unknown_no_large_body_is_read(refused: list[tuple[Api, int]]):
    for api, status in refused:
        if status == 401:
            large = part(b"x" * 5_000_000) + END
            announced = await post(api, never(), **{"Content-Length": str(len(large))})
            assert (announced.status_code, announced.headers["connection"]) == (401, "close")
            sent = Sent(large)
            unannounced = await post(api, sent.pieces())
            assert (unannounced.status_code, unannounced.headers["connection"]) == (401, "close")
            assert sent.taken < 1_100_000


@pytest.mark.usefixtures("nothing_stays")
async def test_who_is_refused_in_the_middle_is_told_so_when_all_was_sent(
    plain_api: Api, new_api, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    few = await new_api(company_id=plain_api.company_id, max_upload_files=1)
    many = Sent(part(TEXT) * 2 + part(b"x" * 900_000) + END)
    assert errors_of(await post(few, many.pieces())).keys() == {"files"}
    broken = Sent(f"--{BOUNDARY}\r\n: nameless\r\n\r\n".encode() + b"x" * 900_000)
    assert errors_of(await post(plain_api, broken.pieces())).keys() == {"body"}
    monkeypatch.setattr("kronika.storage.local._write", full)
    stored = Sent(part(b"x" * 900_000) + END)
    assert (await post(plain_api, stored.pieces())).status_code == 503
    for sent in (many, broken, stored):
        assert sent.taken == len(sent.body)


@pytest.mark.usefixtures("nothing_stays")
async def test_a_refused_body_is_not_waited_for_long(refused: list[tuple[Api, int]], monkeypatch: pytest.MonkeyPatch):
    async def stalling() -> AsyncIterator[bytes]:
        yield part(TEXT)
        await asyncio.Event().wait()

    monkeypatch.setattr("kronika.http.incoming._REFUSED_SECONDS", 0.05)
    monkeypatch.setattr("kronika.http.incoming._STRANGERS_SECONDS", 0.05)
    for api, status in refused:
        response = await post(api, stalling())
        assert (response.status_code, response.headers["connection"]) == (status, "close")


class Connection:
    """What a server's `receive` belongs to."""

    def __init__(self, last: bytes) -> None:
        self._messages = [part(b"x" * 100_000), last]

    async def receive(self) -> dict[str, object]:
        if not self._messages:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self._messages.pop(0), "more_body": True}


@pytest.mark.usefixtures("nothing_stays")
@pytest.mark.parametrize(("trouble", "status"), [("stalled", 408), ("full", 503), ("no form", 422)])
async def test_an_upload_that_failed_holds_on_to_no_connection(
    plain_api: Api, monkeypatch: pytest.MonkeyPatch, trouble: str, status: int
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("kronika.http.incoming._SILENT_SECONDS", 0.05)
    monkeypatch.setattr("kronika.http.incoming._REFUSED_SECONDS", 0.05)
    if trouble == "full":
        monkeypatch.setattr("kronika.storage.local._write", full)
    end = f"--{BOUNDARY}\r\n: nameless\r\n\r\n".encode()
    connection = Connection(end if trouble == "no form" else part(b"x" * 300_000)[:-9])
    held = weakref.ref(connection)
    answers: list[object] = []

    async def answered(message: dict[str, object]) -> None:
        answers.append(message.get("status"))

    headers = FORM | {"Authorization": f"Bearer {plain_api.token}"}
    scope = {
        "type": "http", "method": "POST", "path": PREFIX + UPLOADS, "query_string": b"", "asgi": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    gc.collect()
    gc.disable()
    try:
        await plain_api.http._transport.app(scope, connection.receive, answered)
        del connection
        # Callbacks of the loop that are due hold it for this long.
        await asyncio.sleep(0)
        assert held() is None
    finally:
        gc.enable()
    assert answers[0] == status


@pytest.mark.usefixtures("nothing_stays")
async def test_a_client_that_stops_sending_is_told_so(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    async def stalling() -> AsyncIterator[bytes]:
        yield part(b"x" * 300_000)
        yield part(b"x" * 300_000)[:-100]
        await asyncio.Event().wait()

    monkeypatch.setattr("kronika.http.incoming._SILENT_SECONDS", 0.05)
    response = await post(plain_api, stalling())
    assert (response.status_code, response.headers["connection"]) == (408, "close")


@pytest.mark.usefixtures("nothing_stays")
async def test_a_client_that_only_trickles_is_told_so(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    async def trickling() -> AsyncIterator[bytes]:
        yield part(b"x")
        while True:
            await asyncio.sleep(0)
            yield b"--"

    monkeypatch.setattr("kronika.http.incoming._LEAST_SECONDS", 0.05)
    monkeypatch.setattr("kronika.http.incoming._BYTES_A_SECOND", 1e12)
    assert (await post(plain_api, trickling())).status_code == 408


async def test_the_time_that_the_store_takes_is_not_the_clients(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    now, real = [0.0], local._write

    def slow(*arguments: object) -> None:
        now[0] += 10_000
        real(*arguments)

    monkeypatch.setattr("kronika.http.incoming.monotonic", lambda: now[0])
    monkeypatch.setattr("kronika.storage.local._write", slow)
    assert (await post(plain_api, Sent(part(b"x" * 900_000) + END).pieces())).status_code == 201
    assert now[0] > 10_000


@pytest.mark.usefixtures("nothing_stays")
async def test_a_full_disk_is_503_and_when_there_is_room_again_all_is_well(
    plain_api: Api, owner: psycopg.Connection, files_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for step in ("_create", "_write", "os.fsync"):
        monkeypatch.setattr(f"kronika.storage.local.{step}", full)
        response = await send(plain_api, ("a", TEXT))
        assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"}), step
        monkeypatch.undo()
    assert kept(files_folder, plain_api.company_id) == []
    assert (await send(plain_api, ("a", TEXT))).status_code == 201
    owner.execute("DELETE FROM uploads WHERE company_id = %s", [plain_api.company_id])
    for file in kept(files_folder, plain_api.company_id):
        file.unlink()


async def test_a_second_file_that_finds_the_disk_full_takes_the_first_along(
    plain_api: Api, files_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    real, calls = local._write, []

    def full_at_the_second(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*arguments)

    monkeypatch.setattr("kronika.storage.local._write", full_at_the_second)
    assert (await send(plain_api, ("a", TEXT), ("b", TEXT))).status_code == 503
    assert kept(files_folder, plain_api.company_id) == []


async def test_files_stay_when_nobody_knows_whether_the_commit_went_through(
    plain_api: Api, files_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def cut_off(*_: object) -> None:
        raise psycopg.OperationalError("the connection is gone")

    monkeypatch.setattr("kronika.attachments.queries.insert_uploads", cut_off)
    assert (await send(plain_api, ("a", TEXT))).status_code == 503
    assert len(kept(files_folder, plain_api.company_id)) == 1
