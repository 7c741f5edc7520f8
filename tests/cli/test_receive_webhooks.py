"""What the page "Receive webhooks" shows is true: the sample's signature, and the program that reads the stream."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from kronika.reference.told import SAMPLE_BODY, SAMPLE_HEADERS, SAMPLE_SECRET

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
PATIENCE_SECONDS = 20


def test_the_sample_is_signed_with_the_secret_beside_it():
    (sample,) = re.findall(r"^    POST /kronika HTTP/1\.1\n((?:    .+\n)+)\n    (\{.+\})\n", PAGE, re.MULTILINE)
    headers = dict(line.strip().split(": ", 1) for line in sample[0].splitlines())
    (secret,) = re.findall(r"`(whsec_\w{20,})`", PAGE)
    assert headers["webhook-signature"] == hmac.new(secret.encode(), sample[1].encode(), hashlib.sha256).hexdigest()
    assert headers["webhook-id"] == json.loads(sample[1])["id"]


def test_the_sample_is_that_of_the_reference_and_as_it_is_sent():
    assert SAMPLE_SECRET in PAGE
    assert f"    {SAMPLE_BODY.decode()}\n" in PAGE
    for name, value in SAMPLE_HEADERS.items():
        assert f"    {name}: {value}\n" in PAGE


class _Streams(BaseHTTPRequestHandler):
    """Two whole events, the third broken off before it is whole; then that one again, and no more."""

    asked: list[str | None]
    done: threading.Event

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Last-Event-ID"))
        first = b'retry: 1000\n\nid: 4\ndata: {"n": 4}\n\nid: 5\n: still here\n\nid: 6\nevent: clients.created\n'
        again = b'id: 6\ndata: {"n": 6}\n\n'
        self.send_response(200)
        self.end_headers()
        self.wfile.write(first if len(self.asked) == 1 else again if len(self.asked) == 2 else b"")
        if len(self.asked) == 3:
            self.done.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


def test_the_program_that_reads_the_stream_goes_on_behind_the_last_whole_event():
    (program,) = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    done = threading.Event()
    handler = type("Handler", (_Streams,), {"asked": [], "done": done})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = os.environ | {"API": f"http://127.0.0.1:{server.server_port}/api", "TOKEN": "kro_x"}
        process = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE)
        try:
            assert done.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            printed, _ = process.communicate()
            server.shutdown()
    assert handler.asked == [None, "5", "6"]
    assert printed.decode().splitlines() == ["{'n': 4}", "{'n': 6}"]
