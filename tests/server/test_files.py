"""A real server and its files: what a kill leaves, what a broken answer looks like, what it costs."""

from __future__ import annotations

import http.client
import socket
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.server import Installation

from kronika.credentials import new_token

_MEBIBYTE = 1024 * 1024
_HEAD = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
_END = b"\r\n--x--\r\n"
_SIZE = 20 * _MEBIBYTE
_MOST_MEMORY = 16 * _MEBIBYTE


class _Upload:
    """A form with one file, sent as far as somebody wants."""

    def __init__(self, installation: Installation, token: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", installation.port), timeout=20)
        length = len(_HEAD) + _SIZE + len(_END)
        self._connection.sendall(
            b"POST /api/public/v1/contact-activity-attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + token.encode()
            + b"\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n" % length
            + _HEAD
        )

    def send(self, size: int) -> None:
        piece = bytes(range(256)) * 256
        for _ in range(size // len(piece)):
            self._connection.sendall(piece)

    def finish(self) -> Any:
        self._connection.sendall(_END)
        response = http.client.HTTPResponse(self._connection)
        response.begin()
        self._connection.close()
        return response.status

    def break_off(self) -> None:
        self._connection.close()


def _files(installation: Installation) -> tuple[list[Path], list[Path]]:
    """Those that are whole, those that are being written."""
    folder = installation.data_dir / "files"
    drafts = list((folder / ".incoming").iterdir())
    return [path for path in folder.rglob("*") if path.is_file() and path not in drafts], drafts


def _until(condition: Any) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError("it does not come about")


def _event(installation: Installation, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    form = [("files", ("a.bin", bytes(range(256)) * 4096))] * 2
    uploaded = httpx2.post(f"{installation.api}/contact-activity-attachments", files=form, headers=headers).json()
    tokens = [entry["uploadToken"] for entry in uploaded["data"]]
    body = {"clientId": 1, "type": "note", "metadata": {"content": "x"}, "attachmentUploadTokens": tokens}
    return httpx2.post(f"{installation.api}/contact-activity-logs", json=body, headers=headers).json()


def test_a_kill_in_the_middle_of_an_upload_leaves_a_draft_and_nothing_else(installation: Installation):
    installation.settings = {"WORKERS": "1"}
    token = installation.start("--demo")["token"]
    upload = _Upload(installation, token)
    upload.send(_SIZE // 2)
    _until(lambda: _files(installation)[1])
    for worker in installation.workers():
        worker.kill()
    upload.break_off()
    whole, drafts = _files(installation)
    assert (whole, len(drafts)) == ([], 1)
    _until(lambda: _ready(installation))
    again = _Upload(installation, token)
    again.send(_SIZE)
    assert again.finish() == 201
    assert [file.stat().st_size for file in _files(installation)[0]] == [_SIZE]


def _ready(installation: Installation) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{installation.port}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def test_a_client_that_leaves_in_the_middle_of_an_upload_leaves_nothing(installation: Installation):
    token = installation.start("--demo")["token"]
    upload = _Upload(installation, token)
    upload.send(_SIZE // 2)
    _until(lambda: _files(installation)[1])
    upload.break_off()
    _until(lambda: _files(installation) == ([], []))


def _told(installation: Installation, token: str, size: int) -> http.client.HTTPResponse:
    """What a client hears that reads no answer before it has sent everything."""
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=x"}
    connection.request(
        "POST", "/api/public/v1/contact-activity-attachments", body=_HEAD + bytes(size) + _END, headers=headers
    )
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_a_client_that_is_refused_hears_why(installation: Installation):
    installation.settings = {"RATE_LIMIT": "1"}
    token = installation.start("--demo")["token"]
    company = installation.json("company", "list")["companies"][0]["id"]
    reader = installation.json("token", "create", "--company", str(company), "--name", "r", "--scope", "read")["token"]
    assert _told(installation, reader, 8 * _MEBIBYTE).status == 403
    assert _told(installation, new_token(), _MEBIBYTE // 2).status == 401
    assert _told(installation, token, 8 * _MEBIBYTE).status == 201
    throttled = _told(installation, token, 8 * _MEBIBYTE)
    assert throttled.status == 429
    assert int(throttled.headers["Retry-After"]) > 0
    assert throttled.headers["Connection"] is None
    assert len(_files(installation)[0]) == 1


def test_a_client_that_waits_for_our_word_is_refused_without_it(installation: Installation):
    installation.start("--demo")
    with socket.create_connection(("127.0.0.1", installation.port), timeout=20) as client:
        client.sendall(
            b"POST /api/public/v1/contact-activity-attachments HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n"
        )
        # To the connection's end, and no "100 Continue" first.
        with client.makefile("rb") as told:
            assert told.read().startswith(b"HTTP/1.1 401 ")


def test_an_archive_that_cannot_be_read_to_its_end_is_never_taken_for_whole(installation: Installation):
    token = installation.start("--demo")["token"]
    event = _event(installation, token)
    address = f"{installation.api}/contact-activity-logs/{event['id']}/attachments"
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx2.get(address, headers=headers).status_code == 200
    first, last = sorted(_files(installation)[0], key=lambda file: file.stat().st_mtime_ns)
    last.unlink()
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(address, headers=headers)
    _until(lambda: "FileMissing" in installation.log())
    first.unlink()
    nothing = httpx2.get(address, headers=headers)
    assert (nothing.status_code, nothing.json()) == (500, {"message": "Server Error"})


def test_a_large_upload_costs_little_memory(installation: Installation):
    installation.settings = {"WORKERS": "1"}
    token = installation.start("--demo")["token"]
    _event(installation, token)
    (worker,) = installation.workers()
    before = peak = worker.memory_full_info().uss
    upload = _Upload(installation, token)
    for _ in range(20):
        upload.send(_SIZE // 20)
        peak = max(peak, worker.memory_full_info().uss)
    assert upload.finish() == 201
    assert peak - before < _MOST_MEMORY


def test_a_reader_who_takes_nothing_costs_little_memory(installation: Installation):
    installation.settings = {"WORKERS": "1"}
    token = installation.start("--demo")["token"]
    upload = _Upload(installation, token)
    upload.send(_SIZE)
    assert upload.finish() == 201
    event = _event(installation, token)
    (worker,) = installation.workers()
    before = worker.memory_full_info().uss
    with socket.create_connection(("127.0.0.1", installation.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = f"/api/public/v1/contact-activity-logs/{event['id']}/attachments"
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert reader.recv(100).startswith(b"HTTP/1.1 200")
        assert worker.memory_full_info().uss - before < _MOST_MEMORY
        assert httpx2.get(f"{installation.api}/whoami", headers={"Authorization": f"Bearer {token}"}).is_success


def test_a_wrong_store_is_one_line_and_a_failure(installation: Installation):
    installation.settings = {"STORAGE_URL": "ftp://example.test/x"}
    done = installation.run("serve")
    assert done.returncode == 1
    assert done.stderr.startswith("kronika: KRONIKA_STORAGE_URL: ")
    assert done.stderr.count("\n") == 1
