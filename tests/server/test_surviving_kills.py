"""kill -9 at bad moments: what was acknowledged is there, what is retried is there once, nobody repairs anything."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.sql import Composed
from support.kills import KINDS, kill_something, wait_until_ready
from support.senders import Senders
from support.server import KRONIKA, Installation

from kronika.db.migrate import migrate, packaged_migrations
from kronika.db.owner import DatabaseError

_ROUNDS = 6


def test_every_event_is_recorded_exactly_once_whatever_is_killed(installation: Installation):
    token = installation.start("--demo")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    client = httpx2.post(f"{installation.api}/clients", json={"name": "Survivor"}, headers=headers).json()
    dice = random.Random(20261122)
    with Senders(installation, token, client["id"]) as senders:
        for number in range(_ROUNDS):
            time.sleep(dice.uniform(0.1, 0.5))
            kill_something(installation, KINDS[number % len(KINDS)])
            wait_until_ready(installation)
    assert senders.unexpected == []
    assert len(senders.acknowledged) > _ROUNDS
    recorded: list[str] = []
    page = f"{installation.api}/contact-activity-logs?clientId={client['id']}&perPage=200&page="
    number = 0
    while data := httpx2.get(f"{page}{(number := number + 1)}", headers=headers).json()["data"]:
        recorded += [event["metadata"]["content"] for event in data]
    assert sorted(recorded) == sorted(senders.acknowledged)
    assert httpx2.get(f"{page}1", headers=headers).json()["paginator"]["totalResults"] == len(recorded)
    for key, answer in dict(list(senders.acknowledged.items())[:20]).items():
        body = {"clientId": client["id"], "type": "note", "metadata": {"content": key}}
        again = httpx2.post(
            f"{installation.api}/contact-activity-logs", json=body, headers=headers | {"Idempotency-Key": key}
        )
        assert again.headers["idempotency-status"] == "Repeated"
        assert again.content == answer


def test_a_server_killed_while_its_workers_are_starting_leaves_nobody_on_its_port(installation: Installation):
    for moment in (0.3, 0.5, 0.7, 0.9):
        process = subprocess.Popen(
            [KRONIKA, "serve"], env=installation.environment, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(moment)
        process.kill()
        process.wait()
    installation.start()
    assert installation.interrupt() == 0


def test_a_migration_that_is_cut_off_leaves_no_trace(new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch):
    url = new_database("cut_off", template="template0")
    mark = "INSERT INTO {}.migrations"
    monkeypatch.setattr(psycopg.Connection, "execute", _failing_at(mark, psycopg.Connection.execute))
    with pytest.raises(DatabaseError):
        migrate(url)
    monkeypatch.undo()
    assert migrate(url) == list(packaged_migrations())


def _failing_at(mark: str, execute: Callable[..., Any]) -> Callable[..., Any]:
    def dying(connection: psycopg.Connection, query: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(query, Composed) and mark.split("{}", maxsplit=1)[0] in query.as_string(connection):
            raise psycopg.OperationalError("killed here")
        return execute(connection, query, *rest, **options)

    return dying
