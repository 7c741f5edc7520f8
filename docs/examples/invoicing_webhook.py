"""Receives the webhooks of an invoicing system and feeds Kronika. Python 3.11, nothing else to install.

    KRONIKA_URL=http://127.0.0.1:8000/api/public/v1 KRONIKA_TOKEN=kro_... WEBHOOK_SECRET=... python invoicing_webhook.py

Every webhook is a POST like this one, signed by `X-Signature: sha256=` and the HMAC of the body in hex:

    {"event": "invoice.paid",
     "invoice": {"id": 5021, "no": "20260021", "issued": "2026-03-10", "due": "2026-03-24", "total": "1234.50",
                 "currency": "EUR", "buyer": {"name": "Hotel Panoráma a.s.", "ico": "36712345"}},
     "payment": {"id": 88, "amount": "1000.00", "date": "2026-03-12"}}

The events are invoice.created, .updated, .paid and .deleted. It answers 200 when Kronika has stored what was said, and
not before: the sender tries again whatever gets another answer. To hear something twice does no harm, however late, at
this price: payments of one invoice that have the same amount and day count as one. A buyer without an `ico` is made
a client for this invoice alone, so that nothing lands on a stranger's timeline.
"""

import hashlib
import hmac
import json
import os
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal
from functools import cache
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import index
from typing import Any

KRONIKA_URL = os.environ["KRONIKA_URL"].rstrip("/")
TOKEN = os.environ["KRONIKA_TOKEN"]
SECRET = os.environ["WEBHOOK_SECRET"].encode()
ADDRESS = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
LARGEST_BODY, SECONDS = 2**20, 20
TURN = threading.Lock()  # One webhook after another: of two that name the same new client, the second finds it.


def kronika(method: str, path: str, body: Any = None, *, key: str = "", may_lack: bool = False) -> Any:
    """What Kronika answers; None: nothing, or a 404 where it `may_lack`. Raises OSError: no answer, or an error."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", "Idempotency-Key": key}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(KRONIKA_URL + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer, parse_float=Decimal) if answer.status != 204 else None
    except urllib.error.HTTPError as error:
        if error.code == 404 and may_lack:
            return None
        raise


def create(path: str, body: dict[str, Any], key: str) -> Any:
    """Makes it once, even if answers are lost. Where what a key has made was deleted since, another key is used."""
    made = kronika("POST", path, body, key=key)
    return kronika("GET", f"{path}/{made['id']}", may_lack=True) or create(path, body, f"{key}+")


def feed(webhook: dict[str, Any]) -> None:
    """Tells Kronika what a webhook says. Raises OSError: Kronika does not have it; others: something is wrong in it."""
    event, invoice = webhook["event"], webhook["invoice"]
    document = f"/documents/invoice/{index(invoice['id'])}"
    if event == "invoice.deleted":
        kronika("DELETE", document, may_lack=True)
    elif event in {"invoice.created", "invoice.updated", "invoice.paid"}:
        # Whatever has happened, the webhook says all of the invoice: a PUT that changes nothing leaves no trace.
        kronika("PUT", document, {
            "number": invoice["no"], "issueDate": invoice["issued"], "dueDate": invoice.get("due"),
            "clientId": client_id(invoice["buyer"], document),
            "totalWithVat": invoice["total"],
            "currencyId": currency_ids()[invoice["currency"]],
            "currencyRate": invoice.get("rate"),  # Units for one euro: without it, only euros can be paid.
        })  # fmt: skip
        if event == "invoice.paid":
            pay({"documentType": "invoice", "documentId": invoice["id"]}, webhook["payment"])


def pay(document: dict[str, Any], payment: dict[str, Any]) -> None:
    """Records a payment. Keys are forgotten after some days: what is there already is known by its day and amount."""
    there = kronika("GET", "/document-payments?" + urllib.parse.urlencode(document))["data"]
    said = (payment["date"], Decimal(str(payment["amount"])))
    if said not in [(one["paymentDate"], Decimal(one["amount"])) for one in there]:
        body = {**document, "amount": payment["amount"], "paymentDate": payment["date"]}
        create("/document-payments", body, f"payment-{index(payment['id'])}")


def client_id(buyer: dict[str, Any], document: str) -> int:
    """The id of the client with the buyer's business id, else of the one this invoice has, else of a new one."""
    name, ico = buyer["name"], str(buyer.get("ico") or "").strip()
    if ico:
        named = kronika("GET", "/clients?" + urllib.parse.urlencode({"subjectId": ico}))["data"]
        same = [client["id"] for client in named if client["subjectId"] == ico]
    else:
        before = (kronika("GET", document, may_lack=True) or {}).get("clientId")
        client = kronika("GET", f"/clients/{before}", may_lack=True) if before else None
        same = [before] if client and client["name"] == name.strip() else []
    new = {"name": name, "subjectId": ico}
    key = hashlib.sha256(json.dumps([document, new]).encode()).hexdigest()
    return min(same) if same else create("/clients", new, f"client-{key}")["id"]


@cache
def currency_ids() -> dict[str, int]:
    """Kronika's ids of currencies, by their code."""
    return {currency["symbol"]: currency["id"] for currency in kronika("GET", "/currencies")["data"]}


class Receiver(BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not (size.isdecimal() and len(size) < 10 and int(size) <= LARGEST_BODY):
            return self.answer(413, "The size of the body must be said, and be small.")
        body = self.rfile.read(int(size))
        signature = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), self.headers.get("X-Signature", "").encode()):
            return self.answer(401, "The signature is not ours.")
        try:
            with TURN:
                feed(json.loads(body))
        except urllib.error.HTTPError as error:
            text = f"Kronika answers {error.code}: {error.read(2000).decode(errors='replace')}"
            status = 503 if error.code in {409, 429, 503} else 502  # Later it goes through, or it never will.
            return self.answer(status, text, error.headers.get("Retry-After"))
        except (OSError, HTTPException) as error:
            return self.answer(503, f"Kronika cannot be reached: {error}")
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            return self.answer(400, f"This is no webhook that is understood here: {error!r:.200}")
        return self.answer(200, "Kronika has it.")

    def answer(self, status: int, text: str, retry_after: str | None = None) -> None:
        self.log_message("%s", text)
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(text.encode(errors="replace"))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with ThreadingHTTPServer(ADDRESS, Receiver) as server:
        print("Listening on http://{}:{}".format(*server.server_address[:2]), flush=True)
        server.serve_forever()
