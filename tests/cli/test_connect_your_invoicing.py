"""The page "Connect your invoicing": its commands do what it says, and its program keeps its promises."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.server import Installation, free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connect-your-invoicing.md").read_text()
PROGRAM = ROOT / "docs" / "examples" / "invoicing_webhook.py"
SECRET = "change-me"


@dataclass
class Company:
    """A company of a running installation."""

    installation: Installation
    id: int
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.request(method, self.installation.api + path, json=body, headers=headers)

    def new_client(self, **fields: str) -> int:
        return self.ask("POST", "/clients", fields).json()["id"]

    def told(self, client_id: int) -> list[str]:
        """The types of the events on a client's timeline, the oldest first."""
        events = self.ask("GET", f"/contact-activity-logs?clientId={client_id}").json()["data"]
        return [event["type"] for event in events][::-1]


@pytest.fixture
def company(lasting_installation: Installation) -> Company:
    """A company beside a stranger that has the same clients."""
    stranger = new_company(lasting_installation)
    stranger.new_client(name="Stranger's hotel", subjectId="36712345")
    return new_company(lasting_installation)


def new_company(installation: Installation) -> Company:
    number = installation.json("company", "create", "Acme")["id"]
    token = installation.json("token", "create", "--company", str(number), "--name", "x", "--scope", "write")["token"]
    return Company(installation, number, token)


def commands() -> Iterator[tuple[list[str], str]]:
    """The words of every command on the page, and what the page says that it answers."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        lines = block.splitlines()
        assert lines[0].startswith("$ ")
        for end in range(1, len(lines) + 1):
            if lines[end - 1].endswith("\\"):
                continue
            try:
                words = shlex.split("\n".join(lines[:end])[2:].replace("\\\n", " "))
            except ValueError:
                continue
            yield words, "".join(f"{line}\n" for line in lines[end:])
            break


def command_of(name: str) -> tuple[list[str], str]:
    ((words, answer),) = [(words, answer) for words, answer in commands() if name in words]
    return words, answer


def test_every_request_on_the_page_is_answered(company: Company):
    client = company.new_client(name="Hotel Panoráma a.s.", subjectId="36712345")
    requests = [words[1:] for words, _ in commands() if words[0] == "curl"]
    assert len(requests) == 4
    # What the page shows last but wants to be there is sent last.
    for words in sorted(requests, key=lambda words: "DELETE" in words):
        method = words[words.index("-X") + 1] if "-X" in words else "POST"
        (url,) = [word for word in words if word.startswith("$API")]
        headers = [words[n + 1].partition(": ") for n, word in enumerate(words) if word == "-H"]
        sent = {name: value.replace("$TOKEN", company.token) for name, _, value in headers}
        body = (
            words[words.index("-d") + 1].replace('"clientId": 10', f'"clientId": {client}') if "-d" in words else None
        )
        answer = httpx2.request(method, url.replace("$API", company.installation.api), content=body, headers=sent)
        assert answer.status_code in {200, 201, 204}, answer.text
    assert company.told(client) == [
        "document_created", "document_created", "document_updated", "document_payment_added", "document_deleted",
    ]  # fmt: skip


def test_the_import_of_the_example_answers_what_the_page_says(company: Company):
    hotel = company.new_client(name="Hotel Panoráma a.s.", subjectId="36712345")
    company.new_client(name="Kaviareň", subjectId="47123456")
    words, answer = command_of("import")
    assert words[0] == "kronika"
    own = {"docs/examples/invoices.csv": str(ROOT / "docs/examples/invoices.csv"), "2": str(company.id)}
    arguments = [own.get(word, word) for word in words[1:]]
    done = company.installation.run(*arguments)
    assert done.stderr + done.stdout == answer
    assert company.told(hotel) == []

    company.new_client(name="Kawiarnia Polna", vatId="5261040828")
    arguments.remove("--dry-run")
    done = company.installation.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Created 4, updated 0, unchanged 0, refused 0.\n"
    shown = [company.ask("GET", f"/documents/invoice/{number}").json() for number in range(5017, 5021)]
    assert [one["totalWithVat"] for one in shown] == [1234.5, 318, 1046.4, 2150]
    assert [one["currency"]["symbol"] for one in shown] == ["EUR", "EUR", "EUR", "PLN"]
    assert "unchanged 4" in company.installation.run(*arguments).stdout
    # The lines that the page shows of the file are its own.
    (lines,) = re.findall(r"```\n(Interné.*?)```", PAGE, re.DOTALL)
    assert lines in (ROOT / "docs/examples/invoices.csv").read_text()


@dataclass
class Sender:
    """An invoicing system that sends webhooks to the program of the page."""

    address: str

    def send(self, webhook: Any, *, secret: str = SECRET) -> int:
        body = json.dumps(webhook).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.post(body, {"X-Signature": f"sha256={signature}"})

    def post(self, body: bytes, headers: dict[str, Any]) -> int:
        return httpx2.post(self.address, content=body, headers=headers, timeout=30).status_code


@contextmanager
def receiver(company: Company) -> Iterator[Sender]:
    """The program of the page, run as the page says."""
    words, answer = command_of("docs/examples/invoicing_webhook.py")
    *settings, python, program = words
    assert (python, ROOT / program) == ("python3", PROGRAM)
    own = {"$API": company.installation.api, "$TOKEN": company.token, "8080": str(free_port())}
    environment = {name: own.get(value, value) for name, _, value in (word.partition("=") for word in settings)}
    with subprocess.Popen(
        [sys.executable, PROGRAM],
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said == answer.replace("8080", environment["PORT"])
            yield Sender(said.split()[-1])
        finally:
            process.kill()


def webhook(event: str, **more: Any) -> dict[str, Any]:
    invoice = {
        "id": 5017, "no": "20260017", "issued": "2026-03-10", "due": "2026-03-24", "total": "1234.50",
        "currency": "EUR", "buyer": {"name": "Hotel Panoráma a.s.", "ico": "36712345"},
    }  # fmt: skip
    return {"event": event, "invoice": invoice | more.pop("invoice", {}), **more}


def test_what_an_invoicing_system_sends_arrives_once_however_often_it_is_sent(company: Company):
    payment = {"id": 88, "amount": "1000.00", "date": "2026-03-12"}
    with receiver(company) as sender:
        for _ in range(2):
            assert sender.send(webhook("invoice.created")) == 200
        (client,) = company.ask("GET", "/clients").json()["data"]
        assert (client["name"], client["subjectId"]) == ("Hotel Panoráma a.s.", "36712345")
        for _ in range(2):
            assert sender.send(webhook("invoice.updated", invoice={"total": "1500.00"})) == 200
        for _ in range(2):
            assert sender.send(webhook("invoice.paid", invoice={"total": "1500.00"}, payment=payment)) == 200
        shown = company.ask("GET", "/documents/invoice/5017").json()
        assert (shown["clientId"], shown["totalWithVat"], shown["toBePaid"]) == (client["id"], 1500, 500)
        # One that was missed is made up for by the next: of 5018 nothing was heard before it was paid.
        paid = webhook("invoice.paid", invoice={"id": 5018, "no": "20260018"}, payment=payment | {"id": 89})
        assert sender.send(paid) == 200
        for _ in range(2):
            assert sender.send(webhook("invoice.deleted")) == 200
        assert sender.send(webhook("customer.created")) == 200
    assert company.told(client["id"]) == [
        "document_created", "document_updated", "document_payment_added", "document_created",
        "document_payment_added", "document_deleted",
    ]  # fmt: skip
    assert len(company.ask("GET", "/clients").json()["data"]) == 1


def test_what_is_not_signed_by_the_system_is_refused_and_what_is_no_webhook_is_not_accepted(company: Company):
    with receiver(company) as sender:
        assert sender.send(webhook("invoice.created"), secret="guessed") == 401
        assert sender.post(json.dumps(webhook("invoice.created")).encode(), {}) == 401
        assert sender.post(b"{}", {"X-Signature": b"sha256=\xe1"}) == 401
        assert sender.send({"event": "invoice.created"}) == 400
        assert sender.send([]) == 400
        # Kronika refuses it: the sender keeps it, and whoever looks there sees why.
        assert sender.send(webhook("invoice.created", invoice={"issued": "yesterday"})) == 502
    assert company.ask("GET", "/documents/invoice/5017").status_code == 404


def test_while_kronika_is_down_the_sender_keeps_what_it_has(installation: Installation):
    installation.start()
    company = new_company(installation)
    new_company(installation).new_client(name="Stranger's hotel", subjectId="36712345")
    installation.interrupt()
    with receiver(company) as sender:
        assert sender.send(webhook("invoice.created")) == 503
        installation.start()
        assert sender.send(webhook("invoice.created")) == 200
    assert company.ask("GET", "/documents/invoice/5017").json()["number"] == "20260017"
