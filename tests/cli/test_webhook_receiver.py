"""The program of the page "Receive webhooks": it verifies, deduplicates, acts, and loses nothing."""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def program(self) -> Iterator[subprocess.Popen[bytes]]:
        environment = os.environ | {
            "KRONIKA_URL": self.api, "KRONIKA_TOKEN": self.token, "WEBHOOK_SECRET": self.secret,
            "PORT": str(self.port), "INBOX": str(self.inbox),
        }  # fmt: skip
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
        assert httpx2.get(setting.url).status_code == 501
        assert setting.post(webhook()) == 204
        setting.wait_for(setting.acted_on)
    assert len(setting.acted_on()) == 1
