"""What was recorded goes out: how soon, how much, and what a backlog costs those who record."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import quantiles
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg

API = "/api/public/v1"
_EVENT = "contact-activity-logs.created"
_SENDERS = 4
_SLOW_AGAIN = 100

_BACKLOG = """
WITH told AS (
    INSERT INTO changes (company_id, type, resource_id, actor)
    SELECT %(company)s, 'contact-activity-logs.created', n, 'system' FROM generate_series(1, %(changes)s::bigint) n
    RETURNING id, resource_id, occurred_at
)
INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at, state,
                                attempts, next_attempt_at, created_at)
SELECT %(company)s, %(subscription)s, 'change', id, 'contact-activity-logs.created', resource_id, occurred_at,
    'pending', ARRAY[ROW(now(), 'timeout', NULL, 10000)::webhook_attempt], now(), now()
FROM told
"""


class Soon(NamedTuple):
    """Milliseconds from the beginning of the request that records to the arrival of what it caused."""

    median: float
    p99: float


class Sustained(NamedTuple):
    """Deliveries a second, creates a second, and how late a delivery was."""

    deliveries: float
    creates: float
    late: Soon


class Receiver:
    """The program `benchmarks.receiver`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._ask, self._answer = process.stdin, process.stdout
        self.url = f"http://127.0.0.1:{int(self._answer.readline())}/"

    def came(self) -> list[tuple[int, float]]:
        """Ids and moments of what has come since the last time."""
        self._ask.write("\n")
        self._ask.flush()
        return [(resource, moment) for resource, moment in json.loads(self._answer.readline())]


@contextmanager
def receiver() -> Generator[Receiver]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.receiver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Receiver(process)
    finally:
        process.kill()
        process.wait()


class Client:
    """A program that calls the API over one kept connection."""

    def __init__(self, address: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, value: Any) -> dict[str, Any]:
        self._connection.request("POST", f"{API}{path}", json.dumps(value), self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"{path}: {answer.status} {body.decode()}")
        return json.loads(body)

    def subscribe(self, url: str) -> int:
        return self.post("/webhook-subscriptions", {"url": url, "isActive": True, "subscribedEvents": [_EVENT]})["id"]

    def note(self, client_id: int) -> tuple[int, float]:
        """Records a note; its id, and when that began."""
        began = time.monotonic()
        note = {"clientId": client_id, "type": "note", "metadata": {"content": "Follow-up call summary"}}
        return self.post("/contact-activity-logs", note)["id"], began

    def watch(self, seen: dict[int, float], ready: threading.Event) -> None:
        """Notes when each event shows in the live stream, until the connection ends."""
        self._connection.request("GET", f"{API}/stream", headers=self._headers)
        stream = self._connection.getresponse()
        for line in stream:
            if line.startswith(b"data: {"):
                seen[json.loads(line[6:])["resource"]["id"]] = time.monotonic()
            ready.set()


def how_soon(address: str, token: str, client_id: int, *, notes: int) -> tuple[Soon, Soon]:
    """To a webhook's receiver, and to a reader of the stream, with nothing else going on."""
    client, seen, ready = Client(address, token), {}, threading.Event()
    began: dict[int, float] = {}
    with receiver() as there:
        subscription = client.subscribe(there.url)
        threading.Thread(target=Client(address, token).watch, args=(seen, ready), daemon=True).start()
        ready.wait()
        time.sleep(2)
        for _ in range(notes):
            note, at = client.note(client_id)
            began[note] = at
            time.sleep(random.uniform(0.02, 0.08))
        time.sleep(1)
        came = dict(there.came())
    delete(address, token, subscription)
    return _spread([came[note] - at for note, at in began.items()]), _spread(
        [seen[note] - at for note, at in began.items()]
    )


def sustained(
    address: str, token: str, first: int, clients: int, *, subscriptions: int, rate: int, seconds: int
) -> Sustained:
    """So many creates a second, each to be told to so many subscriptions."""
    stop = time.monotonic() + seconds

    def record(_: int) -> dict[int, float]:
        client, began, due = Client(address, token), {}, time.monotonic()
        while time.monotonic() < stop:
            note, at = client.note(first + random.randrange(clients))
            began[note] = at
            due += _SENDERS / rate
            time.sleep(max(0, due - time.monotonic()))
        return began

    with receiver() as there:
        made = [Client(address, token).subscribe(there.url) for _ in range(subscriptions)]
        time.sleep(2)
        stop = time.monotonic() + seconds
        started = time.monotonic()
        with ThreadPoolExecutor(_SENDERS) as senders:
            began = {note: at for some in senders.map(record, range(_SENDERS)) for note, at in some.items()}
        passed = time.monotonic() - started
        came = [(note, moment) for note, moment in there.came() if note in began]
        in_time = len(came)
        time.sleep(3)
        came += [(note, moment) for note, moment in there.came() if note in began]
    for subscription in made:
        delete(address, token, subscription)
    missing = len(began) * subscriptions - len(came)
    if missing > 0:
        print(f"  {missing:,} deliveries came later than three seconds after the end")
    return Sustained(in_time / passed, len(began) / passed, _spread([moment - began[note] for note, moment in came]))


def drained(address: str, token: str, first: int, clients: int, *, at_once: int) -> float:
    """Deliveries a second while all there are go out again to so many subscriptions, and notes are recorded."""
    client = Client(address, token)
    stop = threading.Event()

    def record() -> None:
        own = Client(address, token)
        while not stop.is_set():
            own.note(first + random.randrange(clients))
            time.sleep(0.01)

    with receiver() as there:
        made = [client.subscribe(there.url) for _ in range(at_once)]
        recording = threading.Thread(target=record)
        recording.start()
        started = time.monotonic()
        for subscription in made:
            client.post(f"/webhook-subscriptions/{subscription}/replays", {"from": "2020-01-01T00:00:00Z"})
        count, last = 0, started
        # The new ones alone come slower.
        while True:
            time.sleep(0.5)
            came = there.came()
            if len(came) < _SLOW_AGAIN * at_once:
                break
            count += len(came)
            last = max([last, *(moment for _, moment in came)])
        stop.set()
        recording.join()
    for subscription in made:
        delete(address, token, subscription)
    return count / (last - started)


def add_backlog(
    connection: psycopg.Connection[Any], address: str, token: str, company: int, *, subscriptions: int, each: int
) -> None:
    """So many subscriptions, each with so many retries that are due, and the changes of all behind its cursor."""
    client = Client(address, token)
    made = [client.subscribe("http://127.0.0.1:9/") for _ in range(subscriptions)]
    for subscription in made:
        connection.execute(_BACKLOG, {"company": company, "subscription": subscription, "changes": each})
    connection.execute("VACUUM ANALYZE changes, webhook_deliveries")
    connection.execute("CHECKPOINT")


def delete(address: str, token: str, subscription: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    path = f"{API}/webhook-subscriptions/{subscription}"
    connection.request("DELETE", path, headers={"Authorization": f"Bearer {token}"})
    connection.getresponse().read()
    connection.close()


def _spread(seconds: list[float]) -> Soon:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Soon(cuts[49] * 1000, cuts[98] * 1000)
