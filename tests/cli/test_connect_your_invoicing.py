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
    """The words of every command on the page, in its order, and what the page says that it answers."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        assert block.startswith("$ ")
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = command.splitlines()
            ends = (end for end in range(1, len(lines) + 1) if is_whole("\n".join(lines[:end])))
            end = next(ends)
            yield shlex.split("\n".join(lines[:end]).replace("\\\n", " ")), "\n".join(lines[end:])


def is_whole(command: str) -> bool:
    """Whether a shell would not wait for another line."""
    try:
        return not command.endswith("\\") and bool(shlex.split(command))
    except ValueError:
        return False


def is_like(shown: str, answer: str) -> bool:
    """Whether it is what the page shows; `…` is what it leaves out."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), answer.strip(), re.DOTALL) is not None


def requested(words: list[str], variables: dict[str, str]) -> str:
    """What the server answers to a curl command."""
    words = [re.sub(r"\$([A-Z]+)", lambda name: variables[name[1]], word) for word in words]
    after = {flag: [words[n + 1] for n, word in enumerate(words) if word == flag] for flag in ("-X", "-H", "-d")}
    (url,) = [word for word in words if word.startswith("http")]
    headers = dict(header.split(": ", 1) for header in after["-H"])
    (method,) = after["-X"] or ["POST"]
    answer = httpx2.request(method, url, content="".join(after["-d"]) or None, headers=headers)
    assert answer.status_code in {200, 201, 204}, answer.text
    return answer.text


def test_who_follows_the_page_from_its_first_line_gets_what_it_prints(installation: Installation):
    strangers = Company(installation, 1, installation.start("--demo")["token"])
    before = strangers.ask("GET", "/documents?perPage=200").json()
    *followed, (last, _) = commands()
    assert last[-1] == "docs/examples/invoicing_webhook.py"
    variables: dict[str, str] = {}
    answer = ""
    for words, shown in followed:
        match words:
            case ["export", token, api]:
                assert (token, api) == ("TOKEN=kro_…", "API=http://127.0.0.1:8000/api/public/v1")
                variables = {"TOKEN": answer.rsplit(maxsplit=1)[-1], "API": installation.api}
                answer = ""
            case [".venv/bin/kronika", *arguments]:
                done = installation.run(*(str(ROOT / word) if "/" in word else word for word in arguments))
                answer = done.stderr + done.stdout
            case _:
                assert words[0] == "curl"
                answer = requested(words, variables)
        assert is_like(shown, answer), (words, answer)
    company = Company(installation, 2, variables["TOKEN"])
    assert company.told(18) == [
        "document_created", "document_deleted", "document_created", "document_created", "document_payment_added",
        "document_created", "document_created",
    ]  # fmt: skip
    listed = company.ask("GET", "/documents?documentType=invoice&sortBy=number&sortDirection=asc").json()["data"]
    assert [
        (one["documentId"], one["totalWithVat"], one["currency"]["symbol"], one["dueDate"]) for one in listed
    ] == [
        (5002, 1500, "EUR", "2026-03-18"), (5017, 1234.5, "EUR", "2026-03-24"), (5018, 318, "EUR", "2026-03-26"),
        (5019, 1046.4, "EUR", "2026-03-27"), (5020, 2150, "PLN", "2026-04-15"),
    ]  # fmt: skip
    assert strangers.ask("GET", "/documents?perPage=200").json() == before


def test_the_lines_that_the_page_shows_of_the_example_are_its_own():
    (lines,) = re.findall(r"```\n(Interné.*?)```", PAGE, re.DOTALL)
    assert lines in (ROOT / "docs/examples/invoices.csv").read_text()


@dataclass
class Sender:
    """An invoicing system that sends webhooks to the program of the page."""

    address: str

    def send(self, webhook: Any, *, secret: str = SECRET) -> int:
        return self.sign(json.dumps(webhook).encode(), secret=secret).status_code

    def sign(self, body: bytes, *, secret: str = SECRET) -> httpx2.Response:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.post(body, {"X-Signature": f"sha256={signature}"})

    def post(self, body: bytes, headers: dict[str, Any]) -> httpx2.Response:
        return httpx2.post(self.address, content=body, headers=headers, timeout=30)


@contextmanager
def receiver(company: Company) -> Iterator[Sender]:
    """The program of the page, run as the page says."""
    *_, (words, answer) = commands()
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
            assert said.strip() == answer.replace("8080", environment["PORT"])
            yield Sender(said.split()[-1])
        finally:
            process.kill()


def webhook(event: str, **more: Any) -> dict[str, Any]:
    invoice = {
        "id": 5021, "no": "20260021", "issued": "2026-03-10", "due": "2026-03-24", "total": "1234.50",
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
        shown = company.ask("GET", "/documents/invoice/5021").json()
        assert (shown["clientId"], shown["totalWithVat"], shown["toBePaid"]) == (client["id"], 1500, 500)
        # One that was missed is made up for by the next: of 5022 nothing was heard before it was paid.
        paid = webhook("invoice.paid", invoice={"id": 5022, "no": "20260022"}, payment=payment | {"id": 89})
        assert sender.send(paid) == 200
        for _ in range(2):
            assert sender.send(webhook("invoice.deleted")) == 200
        assert sender.send(webhook("customer.created")) == 200
    assert company.told(client["id"]) == [
        "document_created", "document_updated", "document_payment_added", "document_created",
        "document_payment_added", "document_deleted",
    ]  # fmt: skip
    assert len(company.ask("GET", "/clients").json()["data"]) == 1


@pytest.mark.parametrize("ico", [{}, {"ico": None}, {"ico": ""}, {"ico": "  "}], ids=str)
def test_a_buyer_without_a_business_id_is_nobody_that_was_there(company: Company, ico: dict[str, Any]):
    namesake = company.new_client(name="Ján Novák")
    buyer = {"name": "Ján Novák", **ico}
    with receiver(company) as sender:
        for total in ("10", "10", "11"):
            assert sender.send(webhook("invoice.updated", invoice={"buyer": buyer, "total": total})) == 200
        assert sender.send(webhook("invoice.created", invoice={"id": 5022, "buyer": buyer})) == 200
        first, second = (
            company.ask("GET", f"/documents/invoice/{number}").json()["clientId"] for number in (5021, 5022)
        )
        assert sender.send(webhook("invoice.updated", invoice={"buyer": buyer | {"name": "Eva"}})) == 200
    others = {client["id"]: client["name"] for client in company.ask("GET", "/clients").json()["data"]}
    assert company.told(namesake) == []
    assert company.told(first) == ["document_created", "document_updated"]
    assert company.told(second) == ["document_created"]
    # The invoice is another buyer's now.
    eva = company.ask("GET", "/documents/invoice/5021").json()["clientId"]
    assert (others.pop(eva), set(others)) == ("Eva", {namesake, first, second})


def test_what_was_deleted_and_is_paid_again_is_there_again(company: Company):
    paid = webhook("invoice.paid", payment={"id": 88, "amount": "1000.00", "date": "2026-03-12"})
    with receiver(company) as sender:
        for _ in range(3):
            for _ in range(2):
                assert sender.send(paid) == 200
            assert company.ask("GET", "/documents/invoice/5021").json()["toBePaid"] == 234.5
            assert sender.send(webhook("invoice.deleted")) == 200
        # A client too: what its key has made is gone.
        (client,) = company.ask("GET", "/clients").json()["data"]
        company.ask("DELETE", f"/clients/{client['id']}")
        assert sender.send(paid) == 200
    assert company.ask("GET", "/documents/invoice/5021").json()["clientId"] != client["id"]


def test_a_payment_whose_key_is_forgotten_is_known_by_its_day_and_amount(company: Company):
    payment = {"amount": "100.00", "date": "2026-03-12"}
    with receiver(company) as sender:
        # Of another number, as Kronika sees one whose key it no longer knows.
        for number, changed in enumerate([{}, {}, {"amount": 100}, {"amount": "100.01"}, {"date": "2026-03-13"}]):
            paid = webhook("invoice.paid", payment={"id": number, **payment, **changed})
            assert sender.send(paid) == 200
    listed = company.ask("GET", "/document-payments?documentType=invoice&documentId=5021").json()["data"]
    assert sorted(one["amount"] for one in listed) == [100, 100, 100.01]


def test_what_is_not_signed_by_the_system_is_refused_and_what_is_no_webhook_is_not_accepted(company: Company):
    with receiver(company) as sender:
        assert sender.send(webhook("invoice.created"), secret="guessed") == 401
        assert sender.post(json.dumps(webhook("invoice.created")).encode(), {}).status_code == 401
        assert sender.post(b"{}", {"X-Signature": b"sha256=\xe1"}).status_code == 401
        for number in ("5021", 5021.0, float("inf"), None):
            assert sender.send(webhook("invoice.created", invoice={"id": number})) == 400
        for buyer in ("x", None, {"ico": "1"}, {"name": "x", "ico": "\ud800"}):
            assert sender.send(webhook("invoice.created", invoice={"buyer": buyer})) == 400
        assert sender.send({"event": "invoice.created"}) == 400
        assert sender.send([]) == 400
        for body in (b"[" * 100_000, b"\xff", b'{"event": "invoice.deleted", "invoice": {"id": ' + b"9" * 5000 + b"}}"):
            assert sender.sign(body).status_code == 400
        # Kronika refuses it: the sender keeps it, and whoever looks there sees why.
        assert sender.send(webhook("invoice.created", invoice={"issued": "yesterday"})) == 502
    assert company.ask("GET", "/documents/invoice/5021").status_code == 404


def test_while_kronika_is_down_the_sender_keeps_what_it_has(installation: Installation):
    installation.start()
    company = new_company(installation)
    new_company(installation).new_client(name="Stranger's hotel", subjectId="36712345")
    installation.interrupt()
    with receiver(company) as sender:
        assert sender.send(webhook("invoice.created")) == 503
        # Enough for the first time: client, its look-ups, currencies, document; and the question below.
        installation.settings["RATE_LIMIT"] = "6"
        installation.start()
        assert sender.send(webhook("invoice.created")) == 200
        assert company.ask("GET", "/documents/invoice/5021").json()["number"] == "20260021"
        body = json.dumps(webhook("invoice.updated")).encode()
        # A new minute may begin in between, not seven.
        busy = next(answer for _ in range(7) if (answer := sender.sign(body)).status_code != 200)
    assert busy.status_code == 503
    assert 1 <= int(busy.headers["Retry-After"]) <= 60
