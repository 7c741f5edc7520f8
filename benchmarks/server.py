"""A server of its own for a measurement, started as a user would."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

KRONIKA = Path(sys.executable).with_name("kronika")


class Running(NamedTuple):
    address: str
    process: subprocess.Popen[str]
    environment: dict[str, str]

    def run(self, *arguments: str) -> Any:
        """What a command of Kronika says, beside the server."""
        command = [KRONIKA, *arguments, "--json"]
        return json.loads(subprocess.run(command, env=self.environment, check=True, capture_output=True).stdout)

    def new_company(self, name: str) -> tuple[int, str]:
        """A company's id, and a token that may write."""
        company = self.run("company", "create", name)["id"]
        token = self.run("token", "create", "--company", str(company), "--name", "bench", "--scope", "write")["token"]
        return company, token


@contextmanager
def running(data_dir: Path, *, workers: int, log: Path, sends_webhooks: bool = True) -> Generator[Running]:
    """`kronika serve` on its embedded PostgreSQL, without a rate limit, with receivers on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "KRONIKA_DATA_DIR": str(data_dir),
        "KRONIKA_PORT": str(port),
        "KRONIKA_WORKERS": str(workers),
        "KRONIKA_RATE_LIMIT": "0",
        "KRONIKA_METRICS_ADDRESS": "off",
        "KRONIKA_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "KRONIKA_WEBHOOK_SENDING": str(sends_webhooks),
    }
    with log.open("w") as errors:
        command = [KRONIKA, "serve", "--json"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(log.read_text())
        yield Running(json.loads(line)["address"], process, environment)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
