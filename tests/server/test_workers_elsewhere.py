"""`kronika worker` sends what the server records; the server can leave it all to it."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
from support.server import KRONIKA, Installation

PATIENCE_SECONDS = 20


@contextmanager
def receiving() -> Iterator[tuple[str, list[int]]]:
    """An address, and the ids of what it was told about."""
    came: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            came.append(payload["resource"]["id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", came
    server.shutdown()
    server.server_close()


@contextmanager
def worker(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [KRONIKA, "worker", "--json"],
        env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def wait_for(number: int, came: list[int]) -> list[int]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(came) < number and time.monotonic() < deadline:
        time.sleep(0.02)
    return came


def test_what_the_server_does_not_send_a_worker_does(installation: Installation):
    installation.settings |= {"WEBHOOK_ALLOWED_HOSTS": "127.0.0.1", "WEBHOOK_SENDING": "false"}
    token = installation.start("--demo")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with receiving() as (url, came), httpx2.Client(base_url=installation.api, headers=headers) as client:
        asked = {"url": url, "isActive": True, "subscribedEvents": ["clients.created"]}
        assert client.post("/webhook-subscriptions", json=asked).status_code == 201
        made = [client.post("/clients", json={"name": "First"}).json()["id"]]
        # Longer than any sender looks away for.
        time.sleep(1.5)
        assert came == []
        with worker(installation) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == {"data": str(installation.data_dir)}
            assert wait_for(1, came) == made
            made.append(client.post("/clients", json={"name": "Second"}).json()["id"])
            assert wait_for(2, came) == made
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0


def test_a_worker_with_another_secret_key_is_told_so_in_one_line(installation: Installation):
    installation.start()
    installation.settings["SECRET_KEY"] = "another secret key that is long enough for it"
    with worker(installation) as process:
        assert process.wait(PATIENCE_SECONDS) == 1
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
        assert "KRONIKA_SECRET_KEY does not belong to this database" in line


def test_a_worker_makes_no_database_of_its_own(installation: Installation):
    installation.data_dir = installation.data_dir.with_name("mistyped")
    with worker(installation) as process:
        assert process.wait(PATIENCE_SECONDS) == 1
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
        assert f"there is no database in {installation.data_dir}" in line
    assert not installation.data_dir.exists()
