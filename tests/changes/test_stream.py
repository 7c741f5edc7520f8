"""GET /stream: what happens is seen at once by all who look, whichever process it happened in; nothing is missed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import httpx2
import pytest
from support.kills import wait_until_ready
from support.server import Installation

_PATIENCE_SECONDS = 15


class Viewer:
    """Somebody who looks at the stream, and comes again when it ends."""

    def __init__(self, installation: Installation, token: str, *, after: int | None = None) -> None:
        self._url = f"{installation.api}/stream"
        self._token = token
        self._last = after
        self._stop = threading.Event()
        self.seen: list[dict[str, Any]] = []
        self.connected = threading.Event()
        self.statuses: list[int] = []
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.connected.wait(_PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def wait_for(self, number: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while len(self.seen) < number and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.seen

    def _look(self) -> None:
        while not self._stop.is_set():
            headers = {"Authorization": f"Bearer {self._token}"}
            if self._last is not None:
                headers["Last-Event-ID"] = str(self._last)
            try:
                with httpx2.stream("GET", self._url, headers=headers, timeout=30) as response:
                    self.statuses.append(response.status_code)
                    self._read(response)
            except httpx2.TransportError:
                pass
            time.sleep(0.05)

    def _read(self, response: httpx2.Response) -> None:
        for line in response.iter_lines():
            self.connected.set()
            if self._stop.is_set():
                return
            name, _, value = line.partition(": ")
            if name == "id":
                self._last = int(value)
            elif name == "data":
                self.seen.append(json.loads(value))


@contextmanager
def company(installation: Installation) -> Iterator[tuple[httpx2.Client, str]]:
    company_id = installation.json("company", "create", "Acme")["id"]
    token = installation.json("token", "create", "--company", str(company_id), "--name", "t", "--scope", "write")
    headers = {"Authorization": f"Bearer {token['token']}"}
    with httpx2.Client(base_url=installation.api, headers=headers) as client:
        yield client, token["token"]


def new_client(client: httpx2.Client) -> int:
    answer = client.post("/clients", json={"name": "Hotel"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_everybody_sees_at_once_what_happens_in_any_process(lasting_installation: Installation):
    with company(lasting_installation) as (client, token), company(lasting_installation) as (other, _):
        new_client(client)
        with (
            Viewer(lasting_installation, token) as first,
            Viewer(lasting_installation, token) as second,
            Viewer(lasting_installation, token, after=0) as from_the_start,
        ):
            # New connections each time: they reach both workers.
            made = []
            for _ in range(10):
                with httpx2.Client(base_url=lasting_installation.api, headers=client.headers) as fresh:
                    made.append(new_client(fresh))
                new_client(other)
            for viewer in (first, second):
                assert [change["resource"]["id"] for change in viewer.wait_for(10)] == made
            assert [change["resource"]["id"] for change in from_the_start.wait_for(11)][1:] == made
            [change, *_] = first.seen
            assert change == {
                "id": change["id"], "type": "clients.created", "occurredAt": change["occurredAt"],
                "resource": {"type": "client", "id": made[0]},
            }  # fmt: skip


def test_who_comes_again_has_missed_nothing_and_sees_nothing_twice(installation: Installation):
    installation.start()
    with company(installation) as (client, token), Viewer(installation, token, after=0) as viewer:
        made = [new_client(client)]
        viewer.wait_for(1)
        for _ in range(2):
            installation.kill()
            installation.start()
            wait_until_ready(installation)
            with httpx2.Client(base_url=installation.api, headers=client.headers) as fresh:
                made += [new_client(fresh) for _ in range(5)]
        assert [change["resource"]["id"] for change in viewer.wait_for(len(made))] == made


def test_streams_end_in_order_with_the_server_and_hold_up_nothing(installation: Installation):
    installation.start()
    with company(installation) as (_, token):
        headers = {"Authorization": f"Bearer {token}"}
        with ExitStack() as stack:
            streams = [
                stack.enter_context(httpx2.stream("GET", f"{installation.api}/stream", headers=headers, timeout=30))
                for _ in range(10)
            ]
            assert [stream.status_code for stream in streams] == [200] * 10
            assert installation.interrupt() == 0
            # To its end, which a stream that was cut off does not have.
            assert all(stream.read().startswith(b"retry: ") for stream in streams)
    assert "refused to gracefully stop" not in installation.log()


def test_one_type_can_be_asked_for(lasting_installation: Installation):
    with company(lasting_installation) as (client, token):
        headers = {"Authorization": f"Bearer {token}"}
        new_client(client)
        supplier = client.post("/suppliers", json={"name": "Mill"}).json()["id"]
        path = f"{lasting_installation.api}/stream?after=0&type=suppliers.created"
        with httpx2.stream("GET", path, headers=headers, timeout=30) as stream:
            line = next(line for line in stream.iter_lines() if line.startswith("data: "))
        assert json.loads(line[6:])["resource"] == {"type": "supplier", "id": supplier}


@pytest.mark.parametrize("last_id", ["x", "-1", "1.5"])
def test_a_last_id_that_is_none_is_told(lasting_installation: Installation, last_id: str):
    with company(lasting_installation) as (client, _):
        answer = client.get("/stream", headers={"Last-Event-ID": last_id})
        assert (answer.status_code, set(answer.json()["errors"])) == (422, {"Last-Event-ID"})
        assert client.get("/stream", params={"after": "x"}).status_code == 422
        assert client.get("/stream", headers={"Authorization": "Bearer x"}).status_code == 401
