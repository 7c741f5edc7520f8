"""Receives the webhooks of Kronika, and mails nobody: it prints what happened. Python 3.11, nothing else to install.

    export KRONIKA_URL=http://127.0.0.1:8000/api/public/v1 KRONIKA_TOKEN=kro_... WEBHOOK_SECRET=whsec_...
    python webhook_receiver.py

Three things make a receiver right, and all are here. It **verifies**: the signature is the HMAC of the very bytes that
came; `WEBHOOK_SECRET=new,old` takes both while a secret is being replaced. It **deduplicates**: what was heard is kept
in a file, each `webhook-id` once, and only then answered, so Kronika may say everything twice and this program may be
killed at any moment. It **acts** afterwards, at its own pace, from that file: a webhook says what happened to what,
and how it stands now is asked for.

What is older than five minutes is refused too, but the timestamp is not under the signature: that finds wrong clocks.
Against somebody who sends an old webhook again it is the file that helps.
"""

import hmac
import json
import os
import re
import signal
import sqlite3
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def setting(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip() or sys.exit(f"{name} is not set")


KRONIKA_URL = setting("KRONIKA_URL").rstrip("/")
TOKEN = setting("KRONIKA_TOKEN")
SECRETS = [secret.strip().encode() for secret in setting("WEBHOOK_SECRET").split(",") if secret.strip()]
HOST, PORT, FILE = setting("HOST", "127.0.0.1"), setting("PORT", "8080"), setting("INBOX", "inbox.sqlite")
LARGEST_BODY, SECONDS, FRESH_SECONDS, FORGET_AFTER_DAYS = 2**16, 20, 300, 90
PATHS = {"client": "clients", "supplier": "suppliers", "businessCase": "business-cases",
         "contactActivityLog": "contact-activity-logs", "businessCaseStatus": "business-case-statuses",
         "documentPayment": "document-payments", "webhookSubscription": "webhook-subscriptions"}  # fmt: skip
NEWS = threading.Event()


def inbox() -> sqlite3.Connection:
    """The file of what was heard. A row is there for good once `execute` has returned: it is on the disk."""
    connection = sqlite3.connect(FILE, timeout=SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS heard (id TEXT PRIMARY KEY, body TEXT, at REAL, done REAL)")
    return connection


def is_genuine(headers: Any, body: bytes) -> bool:
    """Whether Kronika sent it, and sent it now. Every attempt has its own time, so a late one is not refused."""
    signature = headers.get("webhook-signature", "").encode()
    sent_at = headers.get("webhook-timestamp", "")
    return (
        any(hmac.compare_digest(hmac.digest(s, body, "sha256").hex().encode(), signature) for s in SECRETS)
        and sent_at.isdecimal()
        and abs(time.time() - int(sent_at[:12])) <= FRESH_SECONDS
        and json.loads(body)["id"] == headers.get("webhook-id")
    )


def kronika(path: str) -> Any:
    """What Kronika knows now; None: it is gone. Raises OSError: no answer, or an error."""
    request = urllib.request.Request(KRONIKA_URL + path, headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def act(webhook: dict[str, Any]) -> None:
    """Your own work. It may be done twice if the machine fails in its middle: let it not matter."""
    resource = webhook["resource"]
    kind = re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), resource["type"])
    path = PATHS.get(resource["type"], f"documents/{kind}")
    now: Any = {} if webhook["type"].endswith(".deleted") else kronika(f"/{path}/{resource['id']}") or {}
    name = now.get("number") or now.get("name") or ""
    print(webhook["occurredAt"], webhook["type"], resource["id"], name, flush=True)


def act_on_all() -> None:
    """For ever, in the order they came; what fails is tried again after a while, and holds up nothing else."""
    connection = inbox()
    while True:
        NEWS.clear()
        for key, body in connection.execute("SELECT id, body FROM heard WHERE done IS NULL ORDER BY rowid").fetchall():
            try:
                act(json.loads(body))
            except OSError as error:
                print(f"Kronika cannot be asked: {error}", flush=True)
            except Exception:  # noqa: BLE001 - one webhook that cannot be acted on must not hold up the others
                traceback.print_exc()
            else:
                connection.execute("UPDATE heard SET done = ? WHERE id = ?", [time.time(), key])
        connection.execute("DELETE FROM heard WHERE done < ?", [time.time() - FORGET_AFTER_DAYS * 86400])
        NEWS.wait(10)


def work() -> None:
    """Ends the process when the file fails, so that whoever supervises it notices: else it would hear and never act."""
    try:
        act_on_all()
    except sqlite3.Error as error:
        print(f"INBOX {FILE}, cannot go on: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(1)


class Receiver(BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length")
        if size is None:
            return self.answer(411)
        if not (size.isdecimal() and len(size) < 10 and int(size) <= LARGEST_BODY):
            return self.answer(413)
        body = self.rfile.read(int(size))
        try:
            if not is_genuine(self.headers, body):
                return self.answer(401)
            connection = inbox()
            try:
                heard = "INSERT OR IGNORE INTO heard (id, body, at) VALUES (?, ?, ?)"
                connection.execute(heard, [self.headers["webhook-id"], body.decode(), time.time()])
            finally:
                connection.close()
        except (ValueError, LookupError, TypeError):
            return self.answer(400)
        except sqlite3.Error as error:
            self.log_message("%s", error)
            return self.answer(503)
        NEWS.set()
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        inbox().close()
        server = ThreadingHTTPServer((HOST, int(PORT)), Receiver)
    except sqlite3.Error as error:
        sys.exit(f"INBOX {FILE}: {error}")
    except (OSError, ValueError, OverflowError) as error:
        sys.exit(f"HOST {HOST}, PORT {PORT}: {error}")
    threading.Thread(target=work, daemon=True).start()
    print("Listening on http://{}:{}".format(*server.server_address[:2]), flush=True)
    server.serve_forever()
