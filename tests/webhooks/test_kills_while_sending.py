"""kill -9, fifty times, of whatever sends webhooks while it does: everything arrives, or is given up by the rules."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import httpx2
import psycopg
import pytest
from support.backups import as_owner
from support.kills import kill_something, wait_until_ready
from support.server import KRONIKA, Installation

KILLS = 50
SUBSCRIPTIONS = 5
CHANGES = 1000
PAUSES = (0.2, 0.4, 0.6, 0.8)
STUCK_SECONDS = 60


def is_refused(resource: int) -> bool:
    """A third of what comes is never taken."""
    return resource % 3 == 0


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came.append((self.path, payload["id"]))
        self.send_response(500 if is_refused(payload["resource"]["id"]) else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):  # Its sender was killed.
            super().handle()


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Workers:
    """`kronika worker`, several times, each replaced when it is killed."""

    def __init__(self, installation: Installation, number: int) -> None:
        self._installation = installation
        self._log = (installation.data_dir.parent / "workers").open("a")
        self._processes = [self._start() for _ in range(number)]

    def kill_one(self) -> None:
        victim = self._processes.pop(0)
        victim.kill()
        victim.wait()
        self._processes.append(self._start())

    def end(self) -> list[int]:
        """The exit codes, when they are ended in order."""
        for process in self._processes:
            process.terminate()
        codes = [process.wait(20) for process in self._processes]
        self._log.close()
        return codes

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [KRONIKA, "worker"], env=self._installation.environment, stdout=self._log, stderr=self._log
        )


class Recorder(threading.Thread):
    """Records changes one after the other, each once, whatever becomes of the server meanwhile."""

    def __init__(self, installation: Installation, token: str) -> None:
        super().__init__(daemon=True)
        self._url = f"{installation.api}/clients"
        self._token = token
        self.made: set[int] = set()

    def run(self) -> None:
        for number in range(CHANGES):
            while not self._record(number):
                time.sleep(0.05)

    def wait(self) -> None:
        """Raises AssertionError: it has been stuck for so long."""
        while self.is_alive():
            there = len(self.made)
            self.join(STUCK_SECONDS)
            assert not self.is_alive() or len(self.made) > there, f"stuck at {there}"
        assert len(self.made) == CHANGES

    def _record(self, number: int) -> bool:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": f"client-{number}"}
        try:
            answer = httpx2.post(self._url, json={"name": f"Client {number}"}, headers=headers, timeout=10)
        except httpx2.TransportError:
            return False
        if answer.status_code == 201:
            self.made.add(answer.json()["id"])
        return answer.status_code == 201


def new_company(installation: Installation) -> str:
    company = str(installation.json("company", "create", "Acme")["id"])
    return installation.json("token", "create", "--company", company, "--name", "x", "--scope", "write")["token"]


def subscribe(installation: Installation, token: str, url: str) -> int:
    asked = {"url": url, "isActive": True, "subscribedEvents": ["clients.created"]}
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(f"{installation.api}/webhook-subscriptions", json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def settled(owner: psycopg.Connection) -> int:
    return owner.execute("SELECT count(*) AS n FROM webhook_deliveries WHERE state <> 'pending'").fetchone()["n"]


def wait_until_all_is_settled(owner: psycopg.Connection) -> None:
    """Raises AssertionError: nothing has moved for so long that it is stuck."""
    there, moved_at = settled(owner), time.monotonic()
    while there < CHANGES * SUBSCRIPTIONS:
        time.sleep(0.2)
        now = settled(owner)
        if now > there:
            there, moved_at = now, time.monotonic()
        assert time.monotonic() - moved_at < STUCK_SECONDS, f"stuck at {there}"


def judge_attempts(delivery: dict[str, Any]) -> None:
    """The number of attempts, their outcomes, and the gaps between them."""
    refused = is_refused(delivery["resource_id"])
    results = [attempt["status"] for attempt in delivery["attempts"]]
    if refused:
        assert (delivery["state"], results) == ("failed", [500] * (1 + len(PAUSES)))
    else:
        # An attempt whose sender or receiver was cut off may have failed before.
        assert delivery["state"] == "delivered"
        assert results[-1] == 200
    for (before, after), pause in zip(pairwise(delivery["attempts"]), PAUSES, strict=False):
        ended_at = datetime.fromisoformat(before["at"]) + timedelta(milliseconds=before["milliseconds"])
        gap = datetime.fromisoformat(after["at"]) - ended_at
        assert gap >= timedelta(seconds=pause) - timedelta(milliseconds=1)


@pytest.mark.timeout(900)  # fifty starts, on a machine that may be busy
def test_everything_arrives_or_is_given_up_by_the_rules_however_often_they_are_killed(installation: Installation):
    installation.settings |= {
        "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1", "WEBHOOK_RETRY_SECONDS": ",".join(map(str, PAUSES)),
    }  # fmt: skip
    installation.start()
    strangers, token = new_company(installation), new_company(installation)
    with receiving() as receiver, as_owner(installation.data_dir) as owner:
        url = f"http://127.0.0.1:{receiver.server_port}"
        subscribe(installation, strangers, f"{url}/stranger")
        paths = {f"/{n}": subscribe(installation, token, f"{url}/{n}") for n in range(SUBSCRIPTIONS)}
        workers = Workers(installation, 2)
        recorder = Recorder(installation, token)
        recorder.start()
        for number in range(KILLS):
            time.sleep(random.uniform(0.2, 0.6))
            match number % 5:
                case 0:
                    kill_something(installation, "server")
                case 1:
                    kill_something(installation, "worker")
                    wait_until_ready(installation)
                case _:
                    workers.kill_one()
        recorder.wait()
        wait_until_all_is_settled(owner)
        assert workers.end() == [0, 0]

        deliveries = owner.execute(
            """
            SELECT subscription_id, change_id::text, resource_id, state, to_jsonb(attempts) AS attempts
            FROM webhook_deliveries
            """
        ).fetchall()
        committed = {
            row["id"] for row in owner.execute("SELECT id::text FROM changes WHERE type = 'clients.created'").fetchall()
        }
    assert Counter((row["subscription_id"], row["resource_id"]) for row in deliveries) == Counter(
        (subscription, client) for subscription in paths.values() for client in recorder.made
    )
    for delivery in deliveries:
        judge_attempts(delivery)
    came = set(receiver.came)
    assert came == {(path, change) for path in paths for change in committed}
