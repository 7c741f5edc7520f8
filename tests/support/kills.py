"""kill -9 of a server, or of parts of it, and the wait until it is back by itself."""

from __future__ import annotations

import time

import httpx2
import psutil

from support.server import Installation

BACK_WITHIN_SECONDS = 10
KINDS = ("server", "postgres", "worker", "everything")


def kill_something(installation: Installation, what: str) -> None:
    match what:
        case "server":
            installation.kill()
            installation.start()
        case "postgres":
            installation.postmaster().kill()
        case "worker":
            installation.workers()[0].kill()
        case _:
            victims = [*installation.workers(), installation.postmaster()]
            installation.kill()
            for victim in victims:
                if psutil.pid_exists(victim.pid):
                    victim.kill()
            installation.start()


def wait_until_ready(installation: Installation) -> None:
    deadline = time.monotonic() + BACK_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx2.get(f"http://127.0.0.1:{installation.port}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not back within {BACK_WITHIN_SECONDS} s: {installation.log()[-2000:]}")
