"""Receives the webhooks of an invoicing system and feeds Kronika. Python 3.11, nothing else to install.

    KRONIKA_URL=http://127.0.0.1:8000/api/public/v1 KRONIKA_TOKEN=kro_... WEBHOOK_SECRET=... python invoicing_webhook.py

Every webhook is a POST like this one, signed by `X-Signature: sha256=` and the HMAC of the body in hex:

    {"event": "invoice.paid",
     "invoice": {"id": 5017, "no": "20260017", "issued": "2026-03-10", "due": "2026-03-24", "total": "1234.50",
                 "currency": "EUR", "buyer": {"name": "Hotel Panoráma a.s.", "ico": "36712345"}},
     "payment": {"id": 88, "amount": "1000.00", "date": "2026-03-12"}}

The events are invoice.created, .updated, .paid and .deleted. It answers 200 when Kronika has stored what was said, and
not before: the sender tries again whatever gets another answer, and to hear something twice does no harm.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from functools import cache
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KRONIKA_URL = os.environ["KRONIKA_URL"].rstrip("/")
TOKEN = os.environ["KRONIKA_TOKEN"]
SECRET = os.environ["WEBHOOK_SECRET"].encode()
ADDRESS = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
LARGEST_BODY = 1024 * 1024
SECONDS = 20
# One webhook after another: of two that name the same new client, the second finds it.
TURN = threading.Lock()


def kronika(method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    """What Kronika answers. Raises OSError: it does not, or with an error (HTTPError)."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(KRONIKA_URL + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer) if answer.status != 204 else None


def feed(webhook: dict[str, Any]) -> None:
    """Tells Kronika what a webhook says. Raises OSError: Kronika does not have it; KeyError: something is missing."""
    event, invoice = webhook["event"], webhook["invoice"]
    document = f"/documents/invoice/{int(invoice['id'])}"
    if event == "invoice.deleted":
        try:
            kronika("DELETE", document)
        except urllib.error.HTTPError as error:
            if error.code != 404:  # It is gone already.
                raise
    elif event in {"invoice.created", "invoice.updated", "invoice.paid"}:
        # Whatever has happened, the webhook says all of the invoice: a PUT that changes nothing leaves no trace.
        kronika("PUT", document, {
            "number": invoice["no"],
            "issueDate": invoice["issued"],
            "dueDate": invoice.get("due"),
            "clientId": client_id(invoice["buyer"], invoice["id"]),
            "totalWithVat": invoice["total"],
            "currencyId": currency_ids()[invoice["currency"]],
            "currencyRate": invoice.get("rate"),  # Units for one euro: without it, only euros can be paid.
        })  # fmt: skip
        if event == "invoice.paid":
            payment = webhook["payment"]
            body = {
                "documentType": "invoice",
                "documentId": invoice["id"],
                "amount": payment["amount"],
                "paymentDate": payment["date"],
            }
            kronika("POST", "/document-payments", body, key=f"payment-{payment['id']}")
    # Other events are none of ours.


def client_id(buyer: dict[str, Any], invoice_id: int) -> int:
    """The id of the client with this business id, who is made if there is none."""
    found = kronika("GET", "/clients?" + urllib.parse.urlencode({"subjectId": buyer["ico"]}))["data"]
    if found:
        return found[0]["id"]
    # The key: if the answer is lost, the next try gets the same client.
    new = {"name": buyer["name"], "subjectId": buyer["ico"]}
    return kronika("POST", "/clients", new, key=f"client-{buyer['ico']}-{invoice_id}")["id"]


@cache
def currency_ids() -> dict[str, int]:
    """Kronika's ids of currencies, by their code."""
    return {currency["symbol"]: currency["id"] for currency in kronika("GET", "/currencies")["data"]}


class Receiver(BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_POST(self) -> None:
        try:
            size = int(self.headers.get("Content-Length", ""))
        except ValueError:
            size = -1
        if not 0 <= size <= LARGEST_BODY:
            return self.answer(413 if size > 0 else 411, "The size of the body must be said, and be small.")
        body = self.rfile.read(size)
        signature = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), self.headers.get("X-Signature", "").encode()):
            return self.answer(401, "The signature is not ours.")
        try:
            with TURN:
                feed(json.loads(body))
        except urllib.error.HTTPError as error:
            return self.answer(502, f"Kronika answers {error.code}: {error.read(2000).decode(errors='replace')}")
        except (OSError, HTTPException) as error:
            return self.answer(503, f"Kronika cannot be reached: {error}")
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, f"This is no webhook that is understood here: {error!r}")
        return self.answer(200, "Kronika has it.")

    def answer(self, status: int, text: str) -> None:
        self.log_message("%s", text)
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    with ThreadingHTTPServer(ADDRESS, Receiver) as server:
        print("Listening on http://{}:{}".format(*server.server_address[:2]), flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
