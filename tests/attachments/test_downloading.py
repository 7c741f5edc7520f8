"""An attachment's address lets anybody download it for a while, safely; an event's attachments come as one archive."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

import psycopg
import pytest
from support.api import Api
from support.errors import is_told
from support.files import EVENTS, PDF, PNG, TEXT, download, event_with, kept
from support.records import end_timeline

from kronika.attachments.links import Grant, Links
from kronika.credentials import Hasher

NOT_FOUND = {"message": "No query results for model."}
DAY = 24 * 3600


def links(hasher: Hasher) -> Links:
    return Links("http://kronika.test", hasher)


def expiry(url: str) -> int:
    return int(url.split("-")[2])


async def test_a_download_says_what_it_is_and_lets_nothing_run(plain_api: Api):
    event = await event_with(
        plain_api, ("a.png", PNG), ("b.pdf", PDF), ("c.svg", b"<svg onload='alert(1)'>"), ("d.html", b"<html>")
    )
    shown = {}
    for attachment in event["attachments"]:
        response = await download(plain_api, attachment)
        headers = response.headers
        assert response.status_code == 200
        assert headers["content-type"] == attachment["mimeType"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["content-length"] == str(len(response.content))
        assert headers["cache-control"] == "private, no-cache"
        assert "x-ratelimit-limit" not in headers
        assert headers["x-request-id"]
        shown[attachment["name"]] = headers["content-disposition"].partition(";")[0]
        assert ("sandbox" in headers["content-security-policy"]) == (attachment["name"] != "b.pdf")
    assert shown == {"a.png": "inline", "b.pdf": "inline", "c.svg": "attachment", "d.html": "attachment"}


async def test_a_text_is_told_to_be_utf_8(plain_api: Api):
    event = await event_with(plain_api)
    response = await download(plain_api, event["attachments"][0])
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("asked", "status", "content", "range_"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-100", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-9", 200, b"0123456789", None),
        ("bytes=-100", 200, b"0123456789", None),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=" + "9" * 400 + "-", 200, b"0123456789", None),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
    ],
)
async def test_one_range_can_be_asked_for(plain_api: Api, asked: str, status: int, content: bytes, range_: str | None):
    event = await event_with(plain_api, ("digits", b"0123456789"))
    response = await download(plain_api, event["attachments"][0], headers={"Range": asked})
    assert (response.status_code, response.content) == (status, content)
    assert response.headers.get("content-range") == range_
    assert response.headers["content-length"] == str(len(content))


async def test_what_a_client_has_is_not_sent_again_and_a_head_sends_nothing(plain_api: Api):
    attachment = (await event_with(plain_api))["attachments"][0]
    full = await download(plain_api, attachment)
    etag = full.headers["etag"]
    for known in (etag, f"W/{etag}", f'"another", W/{etag}', f'W/"a,b" ,{etag}', "*", " * "):
        same = await download(plain_api, attachment, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag), known
    for unknown in ('"another"', f"{etag[:-1]}", etag.strip('"'), f'"x{etag[1:]}', "", '"*"'):
        fresh = await download(plain_api, attachment, headers={"If-None-Match": unknown})
        assert (fresh.status_code, fresh.content) == (200, TEXT), unknown
    older = await download(plain_api, attachment, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert older.content == full.content
    head = await plain_api.http.head(attachment["url"])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(TEXT)))


async def test_an_address_lasts_seven_days_beyond_any_replay_and_is_the_same_all_day(
    plain_api: Api, owner: psycopg.Connection
):
    event = await event_with(plain_api)
    now = owner.execute("SELECT extract(epoch FROM clock())::bigint AS now").fetchone()["now"]
    url = event["attachments"][0]["url"]
    assert 10 * DAY <= expiry(url) - now <= 11 * DAY
    assert expiry(url) % DAY == 0
    assert (await plain_api.get(f"{EVENTS}/{event['id']}")).json()["attachments"][0]["url"] == url


async def test_an_address_ends(plain_api: Api, owner: psycopg.Connection, hasher: Hasher):
    attachment = (await event_with(plain_api))["attachments"][0]
    now = owner.execute("SELECT extract(epoch FROM clock())::bigint AS now").fetchone()["now"]
    for expires, status in ((now + 60, 200), (now - 1, 404), (now - 400 * DAY, 404)):
        url = links(hasher).address(Grant(plain_api.company_id, attachment["id"], expires))
        assert (await plain_api.http.get(url)).status_code == status


async def test_an_address_that_is_not_ours_to_the_letter_is_404(plain_api: Api, stranger: Api, hasher: Hasher):
    attachment = (await event_with(plain_api))["attachments"][0]
    theirs = (await event_with(stranger))["attachments"][0]
    base, _, token = attachment["url"].rpartition("/")
    company, number, expires, *signature = token.split("-")
    end = "-".join(signature)
    forged = Links("http://kronika.test", Hasher("another secret key, of some thirty letters"))
    other = Grant(plain_api.company_id, theirs["id"], int(expires))
    for wrong in (
        f"{company}-{theirs['id']}-{expires}-{end}",
        f"{stranger.company_id}-{number}-{expires}-{end}",
        f"{company}-{number}-{int(expires) + DAY}-{end}",
        f"0{company}-{number}-{expires}-{end}",
        f"{company}-{number}-{expires}-{end[:-1]}",
        f"{company}-{number}-{expires}-{end}A",
        f"{company}-{number}-{expires}-",
        f"{company}-{number}-{'9' * 400}-{end}",
        forged.address(Grant(plain_api.company_id, attachment["id"], int(expires))).rpartition("/")[2],
        # Genuine, but the company has no such attachment.
        links(hasher).address(other).rpartition("/")[2],
        links(hasher).address(Grant(10**9, 1, int(expires))).rpartition("/")[2],
        links(hasher).address(Grant(10**17, 10**17, 10**11)).rpartition("/")[2],
        "%00",
        "x" * 5000,
    ):
        response = await plain_api.http.get(f"{base}/{wrong}")
        assert is_told(response, 404, NOT_FOUND), wrong
    assert (await plain_api.http.get(f"{base}/{token}")).status_code == 200


async def test_attachments_of_a_deleted_timeline_are_gone(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    event = await event_with(plain_api, clientId=client_id)
    end_timeline(owner, client_id)
    assert (await download(plain_api, event["attachments"][0])).status_code == 404
    assert (await plain_api.get(f"{EVENTS}/{event['id']}/attachments")).status_code == 404


async def test_a_file_that_the_store_has_lost_is_404(plain_api: Api, files_folder: Path):
    event = await event_with(plain_api)
    for file in kept(files_folder, plain_api.company_id):
        file.unlink()
    assert is_told(await download(plain_api, event["attachments"][0]), 404, NOT_FOUND)


async def test_a_store_that_cannot_be_read_is_503(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise OSError

    event = await event_with(plain_api)
    monkeypatch.setattr("kronika.storage.local.os.pread", broken)
    response = await download(plain_api, event["attachments"][0])
    assert is_told(response, 503, {"message": "Service Unavailable"})


async def test_all_attachments_come_as_one_archive(plain_api: Api):
    large = bytes(range(256)) * 4096
    event = await event_with(
        plain_api, ("note.txt", TEXT), ("note.txt", b"other"), ("žltý.png", PNG), ("../x.bin", large)
    )
    response = await plain_api.get(f"{EVENTS}/{event['id']}/attachments")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    assert f'filename="attachments-{event["id"]}.zip"' in response.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "note.txt": TEXT, "note (2).txt": b"other", "žltý.png": PNG, "x.bin": large,
        }  # fmt: skip
        created = event["createdAt"]
        entry = archive.getinfo("note.txt")
        assert "{:04}-{:02}-{:02}".format(*entry.date_time[:3]) == created[:10]
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    assert methods["note.txt"] == zipfile.ZIP_DEFLATED
    assert methods["žltý.png"] == zipfile.ZIP_STORED


async def test_an_event_without_attachments_has_no_archive(plain_api: Api):
    event_id = (await plain_api.record(clientId=await plain_api.new_client())).json()["id"]
    assert is_told(await plain_api.get(f"{EVENTS}/{event_id}/attachments"), 404, NOT_FOUND)


async def test_a_head_of_an_archive_reads_no_file(plain_api: Api, files_folder: Path):
    event = await event_with(plain_api)
    for file in kept(files_folder, plain_api.company_id):
        file.unlink()
    head = await plain_api.request("HEAD", f"{EVENTS}/{event['id']}/attachments")
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "application/zip")


@pytest.mark.parametrize("loss", ["gone", "cut"])
async def test_an_archive_with_a_lost_file_breaks_off(plain_api: Api, files_folder: Path, loss: str):
    event = await event_with(plain_api, ("a.txt", TEXT), ("b.txt", b"the second file"))
    second = next(f for f in kept(files_folder, plain_api.company_id) if f.read_bytes() == b"the second file")
    if loss == "gone":
        second.unlink()
    else:
        second.write_bytes(b"the second")
    # Over ASGI a response that does not end is an error of the transport; a real server closes the connection.
    with pytest.raises(AssertionError):
        await plain_api.get(f"{EVENTS}/{event['id']}/attachments")


async def test_a_reader_who_takes_nothing_for_long_is_given_up(plain_api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kronika.http.streams._STALLED_SECONDS", 0.01)
    attachment = (await event_with(plain_api))["attachments"][0]
    sent: list[str] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(str(message["type"]))
        if message["type"] == "http.response.body":
            await gone.wait()

    path = attachment["url"].removeprefix("http://kronika.test")
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "asgi": {}}
    await plain_api.http._transport.app(scope, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
