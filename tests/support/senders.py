"""Clients that keep on sending while something happens to the server."""

from __future__ import annotations

import threading
import time
from typing import Self

import httpx2

from support.server import Installation

_SENDERS = 4


class Senders:
    """Clients that retry every keyed create until it is acknowledged, as the contract asks of them."""

    def __init__(self, installation: Installation, token: str, client_id: int) -> None:
        self._url = f"{installation.api}/contact-activity-logs"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client_id = client_id
        self._stop = threading.Event()
        self.acknowledged: dict[str, bytes] = {}
        self.unexpected: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(_SENDERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, sender: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._until_acknowledged(f"sender-{sender}-{number}")

    def _until_acknowledged(self, key: str) -> None:
        body = {"clientId": self._client_id, "type": "note", "metadata": {"content": key}}
        while True:
            try:
                response = httpx2.post(
                    self._url, json=body, headers=self._headers | {"Idempotency-Key": key}, timeout=15
                )
            except httpx2.TransportError:
                time.sleep(0.02)
                continue
            if response.status_code == 201:
                self.acknowledged[key] = response.content
                return
            if response.status_code not in {409, 503}:
                self.unexpected.append(f"{response.status_code} {response.text}")
                return
            time.sleep(0.02)
