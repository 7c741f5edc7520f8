"""What holds for a folder holds for an S3 store, and the other way round."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from support.api import Api
from support.files import PNG, TEXT, download, event_with
from support.server import free_port

from kronika.app import create_app
from kronika.errors import Unavailable
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings, SettingsError
from kronika.storage.files import LARGEST_PIECE, FileMissing, Files, new_key
from kronika.storage.local import RESERVE, LocalFiles
from kronika.storage.opening import open_files

LARGE = os.urandom(11 * 1024 * 1024 + 7)
"""More than two parts of an S3 upload."""


async def in_pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def whole(store: Files, key: str, start: int, length: int) -> bytes:
    pieces = [piece async for piece in store.read(key, start, length)]
    assert all(0 < len(piece) <= LARGEST_PIECE for piece in pieces)
    return b"".join(pieces)


async def listed(store: Files) -> dict[str, float]:
    return {file.key: file.modified async for batch in store.batches() for file in batch}


@pytest.mark.parametrize("content", [b"x", TEXT, LARGE], ids=["a byte", "a text", "parts"])
async def test_what_is_put_can_be_read_whole_and_in_part(store: Files, content: bytes):
    key = new_key(7)
    await store.put(key, in_pieces(content))
    assert await whole(store, key, 0, len(content)) == content
    middle = len(content) // 2
    assert await whole(store, key, middle, len(content) - middle) == content[middle:]
    assert await whole(store, key, 0, 1) == content[:1]


async def test_files_are_listed_with_their_age_and_can_be_deleted_more_than_once(store: Files):
    keys = [new_key(company) for company in (7, 7, 12)]
    for key in keys:
        await store.put(key, in_pieces(TEXT))
    found = await listed(store)
    assert found.keys() >= set(keys)
    assert all(abs(found[key] - time.time()) < 60 for key in keys)
    await store.delete([keys[0], new_key(7)])
    await store.delete(keys[:2])
    assert listed_keys(await listed(store), keys) == {keys[2]}


def listed_keys(found: dict[str, float], keys: list[str]) -> set[str]:
    return set(keys) & found.keys()


async def test_a_file_that_is_not_there_or_shorter_is_missing(store: Files):
    with pytest.raises(FileMissing):
        await whole(store, new_key(7), 0, 10)
    key = new_key(7)
    await store.put(key, in_pieces(TEXT))
    with pytest.raises((FileMissing, Unavailable)):
        await whole(store, key, 0, len(TEXT) + 1)


class _CutOff(Exception):
    pass


@pytest.mark.parametrize("after", [0, 300_000, 7_000_000])
async def test_an_upload_that_is_cut_off_leaves_nothing(
    store: Files, request: pytest.FixtureRequest, tmp_path: Path, after: int
):
    async def cut_off() -> AsyncIterator[bytes]:
        async for piece in in_pieces(LARGE[:after]):
            yield piece
        raise _CutOff

    key = new_key(7)
    with pytest.raises(_CutOff):
        await store.put(key, cut_off())
    assert key not in await listed(store)
    if isinstance(store, LocalFiles):
        assert list((tmp_path / "files" / ".incoming").iterdir()) == []
    else:
        assert request.getfixturevalue("bucket").unfinished_uploads() == 0


def open_below(folder: Path) -> list[Path]:
    found = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(handle.readlink())
    return [path for path in found if path.is_relative_to(folder)]


async def test_a_reader_who_leaves_in_the_middle_leaves_nothing_open(tmp_path: Path):
    store = open_files(Settings(data_dir=tmp_path))
    key = new_key(7)
    await store.put(key, in_pieces(LARGE[:600_000]))
    pieces = store.read(key, 0, 600_000)
    await anext(pieces)
    assert open_below(tmp_path)
    await pieces.aclose()
    assert open_below(tmp_path) == []


async def test_a_file_in_a_folder_is_its_owners_alone(tmp_path: Path):
    store = open_files(Settings(data_dir=tmp_path / "data"))
    key = new_key(7)
    await store.put(key, in_pieces(TEXT))
    folder = tmp_path / "data" / "files"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / key).stat().st_mode & 0o777 == 0o600
    assert (folder / key).read_bytes() == TEXT


async def test_a_file_and_its_folders_are_synced_before_the_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    store = open_files(Settings(data_dir=tmp_path))
    monkeypatch.setattr(os, "fsync", fsync)
    key = new_key(7)
    await store.put(key, in_pieces(TEXT))
    folder = tmp_path / "files"
    assert "/.incoming/" in done[0]
    assert done[1:] == [str((folder / key).parent), str(folder / "7"), str(folder)]


async def test_files_leave_the_last_of_the_disk_to_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = open_files(Settings(data_dir=tmp_path))
    key = new_key(7)
    await store.put(key, in_pieces(TEXT))
    free = [RESERVE]

    def disk(_: object) -> SimpleNamespace:
        return SimpleNamespace(f_bavail=free[0] // 512, f_frsize=512)

    async def filling() -> AsyncIterator[bytes]:
        yield LARGE[: 2 * LARGEST_PIECE]
        free[0] = RESERVE - 512
        yield LARGE[: 2 * LARGEST_PIECE]

    monkeypatch.setattr(os, "statvfs", disk)
    await store.put(new_key(7), in_pieces(TEXT))
    with pytest.raises(Unavailable) as caught:
        await store.put(new_key(7), filling())
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    with pytest.raises(Unavailable):
        await store.put(new_key(7), in_pieces(TEXT))
    assert list((tmp_path / "files" / ".incoming").iterdir()) == []
    assert await whole(store, key, 0, len(TEXT)) == TEXT
    await store.delete([key])


async def test_drafts_that_nobody_finishes_are_dropped_when_they_are_old(tmp_path: Path):
    store = open_files(Settings(data_dir=tmp_path))
    drafts = tmp_path / "files" / ".incoming"
    for name, age in (("old", 100), ("new", 10)):
        (drafts / name).write_bytes(TEXT)
        os.utime(drafts / name, (time.time() - age,) * 2)
    assert await store.drop_drafts(time.time() - 50) == 1
    assert [draft.name for draft in drafts.iterdir()] == ["new"]


async def test_a_write_that_is_given_up_twice_still_waits_for_its_thread(tmp_path: Path):
    store = open_files(Settings(data_dir=tmp_path))
    reached, never = asyncio.Event(), asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield LARGE[: 2 * LARGEST_PIECE]
        reached.set()
        await never.wait()
        yield b""

    putting = asyncio.ensure_future(store.put(new_key(7), stuck()))
    await reached.wait()
    putting.cancel()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert list((tmp_path / "files" / ".incoming").iterdir()) == []
    assert await listed(store) == {}


@pytest.mark.parametrize(
    "url",
    ["nonsense", "s3://", "file:///tmp", "memory:///", "https://example.test/x", "ftp://example.test", "s3://a b"],
)
def test_a_url_of_no_such_store_is_a_wrong_setting(url: str):
    with pytest.raises(SettingsError) as caught:
        open_files(Settings(storage_url=url))
    assert str(caught.value).startswith("KRONIKA_STORAGE_URL: ")
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingsError, match="cannot keep files in"):
        open_files(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
async def api_on_s3(plain_api: Api, s3: Callable[..., Files], api_with_files: Callable[..., Api]) -> Api:
    return api_with_files(s3())


async def test_attachments_work_on_s3_as_they_do_on_a_folder(api_on_s3: Api, bucket):
    event = await event_with(api_on_s3, ("a.png", PNG), ("large.bin", LARGE))
    assert [(await download(api_on_s3, each)).content for each in event["attachments"]] == [PNG, LARGE]
    part = await download(api_on_s3, event["attachments"][1], headers={"Range": "bytes=-7"})
    assert part.content == LARGE[-7:]
    archive = await api_on_s3.get(f"/contact-activity-logs/{event['id']}/attachments")
    assert len(archive.content) > len(LARGE)
    assert f"below/here/{api_on_s3.company_id}/" in bucket.listing()
    assert "large" not in bucket.listing()


async def test_a_store_that_is_away_is_503_and_when_it_is_back_all_is_well(
    plain_api: Api, s3: Callable[..., Files], api_with_files: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kronika.storage.remote._RETRIES", 0)
    event = await event_with(api_with_files(s3()))
    away = api_with_files(s3(f"http://127.0.0.1:{free_port()}"))
    for content in (TEXT, LARGE):
        response = await away.request("POST", "/contact-activity-attachments", files=[("files", ("a", content))])
        assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
        assert "connection" not in response.headers, "the body was read to its end"
    assert (await download(away, event["attachments"][0])).status_code == 503
    back = api_with_files(s3())
    assert (await download(back, event["attachments"][0])).content == TEXT
    assert (await event_with(back))["attachments"]


@pytest.fixture
async def api_with_files(plain_api: Api, database, hasher):
    """The same company at an application with another store."""
    made: list[httpx2.AsyncClient] = []

    def make(files: Files) -> Api:
        settings = Settings(rate_limit=0, public_url="http://kronika.test")
        app = create_app(Services(settings, database, hasher, Turns(), files))
        made.append(httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test"))
        return Api(made[-1], plain_api.company_id, plain_api.token_id, plain_api.token)

    yield make
    for client in made:
        await client.aclose()
