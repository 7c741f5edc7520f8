"""A feed that is sent again from the start after every failure leaves each document on the timeline once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

import httpx2
from support.documents import said
from support.kills import KINDS, kill_something, wait_until_ready
from support.server import Installation

_DOCUMENTS = 600
_PER_BATCH = 60
_KILLS = 4


class Feed:
    """Sends all documents in batches, then pays each; whatever fails is sent again, by two feeders at once."""

    def __init__(self, installation: Installation, token: str, client_id: int) -> None:
        self._api = installation.api
        self._headers = {"Authorization": f"Bearer {token}"}
        self._documents = [
            {"documentType": "invoice", "documentId": n, **said(client_id, number=f"N{n}")}
            for n in range(1, _DOCUMENTS + 1)
        ]
        self.unexpected: list[str] = []
        self.sent_again = 0

    def run(self) -> None:
        feeders = [threading.Thread(target=self._feed) for _ in range(2)]
        for feeder in feeders:
            feeder.start()
        for feeder in feeders:
            feeder.join()

    def _feed(self) -> None:
        for start in range(0, _DOCUMENTS, _PER_BATCH):
            batch = {"documents": self._documents[start : start + _PER_BATCH]}
            results = self._until_taken("/documents/batch", batch, {})["data"]
            self.unexpected += [str(result) for result in results if result["errors"]]
            for document in batch["documents"][::10]:
                key = f"payment-of-{document['documentId']}"
                body = {"documentType": "invoice", "documentId": document["documentId"]}
                self._until_taken("/document-payments", body, {"Idempotency-Key": key})

    def _until_taken(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        while True:
            try:
                answer = httpx2.post(self._api + path, json=body, headers=self._headers | headers, timeout=15)
            except httpx2.TransportError:
                self.sent_again += 1
                time.sleep(0.02)
                continue
            if answer.is_success:
                return answer.json()
            if answer.status_code not in {409, 503}:
                self.unexpected.append(f"{answer.status_code} {answer.text}")
                return {"data": []}
            time.sleep(0.02)


def test_every_document_and_payment_is_told_exactly_once_whatever_is_killed(installation: Installation):
    token = installation.start("--demo")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    client = httpx2.post(f"{installation.api}/clients", json={"name": "Survivor"}, headers=headers).json()
    feed = Feed(installation, token, client["id"])
    feeding = threading.Thread(target=feed.run)
    feeding.start()
    dice = random.Random(20261122)
    for number in range(_KILLS):
        time.sleep(dice.uniform(0.05, 0.3))
        kill_something(installation, KINDS[number % len(KINDS)])
        wait_until_ready(installation)
    feeding.join()
    assert feed.unexpected == []
    assert feed.sent_again
    told: Counter[tuple[str, int]] = Counter()
    page = f"{installation.api}/contact-activity-logs?clientId={client['id']}&perPage=200&page="
    number = 0
    while data := httpx2.get(f"{page}{(number := number + 1)}", headers=headers).json()["data"]:
        for event in data:
            told[event["type"], event["metadata"]["relatedDocument"]["documentId"]] += 1
    created = {("document_created", n): 1 for n in range(1, _DOCUMENTS + 1)}
    assert told == created | {("document_payment_added", n): 1 for n in range(1, _DOCUMENTS + 1, 10)}
    for n in (1, 2, _DOCUMENTS):
        document = httpx2.get(f"{installation.api}/documents/invoice/{n}", headers=headers).json()
        assert document["paymentStatus"] == ("paid" if n % 10 == 1 else "unpaid")
