"""The program of the page "Receive webhooks": it verifies, deduplicates, acts, and loses nothing."""

from __future__ import annotations

import hmac
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from support.server import Installation, free_port

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "webhook_receiver.py"
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def serving() -> Iterator[Installation]:
    installation = Installation(
        settings={"WEBHOOK_ALLOWED_HOSTS": "127.0.0.1", "WEBHOOK_RETRY_SECONDS": "0.2,0.5,1,1,1,1,1,1"}
    )
    installation.start()
    yield installation
    installation.clean_up()


class Setting:
    """A company of the server, with a subscription to its clients."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        company = installation.json("company", "create", "Acme")["id"]
        self.token = installation.json("token", "create", "--company", str(company), "--name", "x", "--scope", "write")[
            "token"
        ]
        self.api = installation.api
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.inbox = folder / "inbox.sqlite"
        self.log = folder / "log"
        asked = {"url": self.url, "isActive": True, "subscribedEvents": ["clients.created", "clients.deleted"]}
        self.secret = self.ask("POST", "/webhook-subscriptions", asked)["plainTextSecret"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx2.request(method, self.api + path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def environment(self, **changed: str) -> dict[str, str]:
        return os.environ | {
            "KRONIKA_URL": self.api, "KRONIKA_TOKEN": self.token, "WEBHOOK_SECRET": self.secret,
            "PORT": str(self.port), "INBOX": str(self.inbox),
        } | changed  # fmt: skip

    @contextmanager
    def program(self, **changed: str) -> Generator[subprocess.Popen[bytes]]:
        environment = self.environment(**changed)
        with self.log.open("ab") as log:
            process = subprocess.Popen([sys.executable, PROGRAM], env=environment, stdout=log, stderr=log)
        try:
            self.wait_for(lambda: b"Listening on" in self.log.read_bytes())
            yield process
        finally:
            process.kill()
            process.wait()
            self.log.write_bytes(self.log.read_bytes().replace(b"Listening on", b"Listened on"))

    def acted_on(self) -> list[str]:
        """`type id name` of each time it acted."""
        lines = (line.split(" ", 1) for line in self.log.read_text().splitlines() if line.startswith("20"))
        return [rest for _, rest in lines]

    def wait_for(self, is_so: Any) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def post(self, body: bytes, **changed: str) -> int:
        """Posts to the program as Kronika would, but for what is `changed`; the status."""
        headers = {
            "webhook-id": json.loads(body)["id"],
            "webhook-timestamp": str(int(time.time())),
            "webhook-signature": hmac.digest(self.secret.encode(), body, "sha256").hex(),
        } | {name.replace("_", "-"): value for name, value in changed.items()}
        return httpx2.post(self.url, content=body, headers=headers).status_code


@pytest.fixture
def setting(serving: Installation, tmp_path: Path) -> Setting:
    Setting(serving, tmp_path).ask("POST", "/clients", {"name": "Stranger's hotel"})
    return Setting(serving, tmp_path)


def test_it_acts_once_on_each_thing_that_happens(setting: Setting):
    with setting.program():
        client = setting.ask("POST", "/clients", {"name": "Hotel Panoráma a.s."})["id"]
        setting.wait_for(setting.acted_on)
        setting.ask("DELETE", f"/clients/{client}")
        setting.wait_for(lambda: len(setting.acted_on()) == 2)
    assert setting.acted_on() == [f"clients.created {client} Hotel Panoráma a.s.", f"clients.deleted {client} "]


def test_what_happened_while_it_was_down_comes_when_it_is_up_again(setting: Setting):
    with setting.program():
        pass
    client = setting.ask("POST", "/clients", {"name": "Hotel"})["id"]
    with setting.program():
        setting.wait_for(setting.acted_on)
    assert setting.acted_on() == [f"clients.created {client} Hotel"]


def webhook(client: int = 1) -> bytes:
    return json.dumps(
        {
            "id": str(uuid4()), "type": "clients.created", "occurredAt": "2026-03-10T09:00:00Z",
            "resource": {"type": "client", "id": client},
        }
    ).encode()  # fmt: skip


def test_what_is_said_twice_is_acted_on_once_though_it_was_killed_between(setting: Setting):
    client = setting.ask("POST", "/clients", {"name": "Hotel"})["id"]
    body = webhook(client)
    with setting.program():
        setting.wait_for(setting.acted_on)  # Kronika's own.
        assert [setting.post(body), setting.post(body)] == [204, 204]
        setting.wait_for(lambda: len(setting.acted_on()) == 2)
    with setting.program():
        assert setting.post(body) == 204
        # Another one shows that the program has come past it.
        assert setting.post(webhook(client)) == 204
        setting.wait_for(lambda: len(setting.acted_on()) >= 3)
        assert len(setting.acted_on()) == 3


def test_what_kronika_did_not_send_now_is_refused(setting: Setting):
    body = webhook()
    forged = hmac.digest(b"whsec_guess", body, "sha256").hex()
    with setting.program():
        assert setting.post(body, webhook_signature=forged) == 401
        assert setting.post(body, webhook_signature="") == 401
        assert setting.post(body, webhook_timestamp=str(int(time.time()) - 3600)) == 401
        assert setting.post(body, webhook_timestamp="soon") == 401
        assert setting.post(body, webhook_id=str(uuid4())) == 401
        assert httpx2.post(setting.url, content=b"not JSON").status_code == 401
        assert httpx2.post(setting.url, content=b"x" * 70_000).status_code == 413
        assert httpx2.post(setting.url, content=iter([b"chunked"])).status_code == 411
        assert httpx2.get(setting.url).status_code == 501
        assert setting.post(webhook()) == 204
        setting.wait_for(setting.acted_on)
    assert len(setting.acted_on()) == 1


class _Confused(BaseHTTPRequestHandler):
    """A Kronika whose answers about client 1 are no JSON."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>" if self.path.endswith("/clients/1") else json.dumps({"name": self.path}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@contextmanager
def confused_kronika() -> Generator[str]:
    with HTTPServer(("127.0.0.1", 0), _Confused) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_cannot_be_acted_on_is_left_for_later_and_the_next_is_acted_on(setting: Setting):
    about = json.loads(webhook())
    document = about | {"id": str(uuid4()), "type": "credit-notes.paid", "resource": {"type": "creditNote", "id": 9}}
    with confused_kronika() as url, setting.program(KRONIKA_URL=url):
        assert [setting.post(webhook(1)), setting.post(json.dumps(document).encode())] == [204, 204]
        setting.wait_for(setting.acted_on)
        assert setting.acted_on() == ["credit-notes.paid 9 /documents/credit-note/9"]
        assert "JSONDecodeError" in setting.log.read_text()
    with setting.program():
        # Asked again, of a Kronika that is itself: there is no such client, and so no name.
        setting.wait_for(lambda: "clients.created 1 " in setting.acted_on())


def test_two_secrets_are_taken_while_one_replaces_the_other(setting: Setting):
    body = webhook()
    by_both = {key: hmac.digest(key.encode(), body, "sha256").hex() for key in ("whsec_new", setting.secret, "", "x")}
    with setting.program(WEBHOOK_SECRET=f"whsec_new,{setting.secret},"):
        statuses = [setting.post(body, webhook_signature=signature) for signature in by_both.values()]
    assert statuses == [204, 204, 401, 401]


def test_it_ends_when_its_file_cannot_be_used_any_more(setting: Setting):
    with setting.program() as process:
        with sqlite3.connect(setting.inbox) as inbox:
            inbox.execute("ALTER TABLE heard RENAME COLUMN done TO lost")
        with suppress(httpx2.TransportError):  # It may have gone before it answers.
            setting.post(webhook())
        assert process.wait(PATIENCE_SECONDS) == 1
    assert "cannot go on: no such column" in setting.log.read_text()


def test_what_is_missing_or_taken_is_one_line(setting: Setting, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for changed, told in (
            ({"WEBHOOK_SECRET": ""}, "WEBHOOK_SECRET is not set"),
            ({"PORT": port}, f"PORT {port}: "),
            ({"PORT": "http"}, "PORT http: "),
            ({"INBOX": str(tmp_path / "none" / "inbox")}, "INBOX "),
        ):
            command = [sys.executable, PROGRAM]
            ended = subprocess.run(command, env=setting.environment(**changed), capture_output=True, check=False)
            (line,) = ended.stderr.decode().splitlines()
            assert told in line
            assert ended.returncode == 1
