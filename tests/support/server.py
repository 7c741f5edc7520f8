"""A real `kronika serve`, as a process of its own, on a data folder of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil

KRONIKA = Path(sys.executable).with_name("kronika")
_STUCK_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_folder() -> Path:
    """A folder that PostgreSQL can reach, which runs as another user when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="kronika-test-"))
    folder.chmod(0o755)
    return folder


def new_data_dir() -> Path:
    """A data folder with a prepared database: a copy of one that was made once, which is quicker than making one."""
    copy = new_folder() / "data"
    subprocess.run(["cp", "-a", _prepared(), copy], check=True)
    return copy


def _first_line(process: subprocess.Popen[str]) -> str:
    """What it says first; nothing where it says nothing for so long that it must be stuck, and it is killed."""
    assert process.stdout is not None
    end = threading.Timer(_STUCK_SECONDS, process.kill)
    end.start()
    try:
        return process.stdout.readline()
    finally:
        end.cancel()


@cache
def _prepared() -> Path:
    first = Installation(data_dir=new_folder() / "data")
    atexit.register(first.clean_up)
    done = first.run("migrate")
    assert done.returncode == 0, done.stderr
    return first.data_dir


@dataclass
class Installation:
    """An environment for `kronika`, and the server running in it, if one does."""

    data_dir: Path = field(default_factory=new_data_dir)
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KRONIKA_")}
        own = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "WORKERS": "2", "RATE_LIMIT": "0"}
        # One address for all tests that run at once would be taken; those about metrics have one of their own.
        own["METRICS_ADDRESS"] = "off"
        return inherited | {f"KRONIKA_{name}": value for name, value in (own | self.settings).items()}

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/public/v1"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        return subprocess.run(
            [KRONIKA, *arguments], env=self.environment, check=False, capture_output=True, text=True, timeout=60
        )

    def json(self, *arguments: str) -> Any:
        """What a command says with --json."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *options: str) -> dict[str, Any]:
        """Starts the server, waits until it answers, gives what it said."""
        log = (self.data_dir.parent / "log").open("a")
        self.process = subprocess.Popen(
            [KRONIKA, "serve", "--json", *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        log.close()
        line = _first_line(self.process)
        assert line, self.log()
        return json.loads(line)

    def interrupt(self) -> int:
        """What Ctrl-C does: the whole group is told. The exit code."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        return self._gone()

    def kill(self) -> None:
        """kill -9 of the server alone."""
        assert self.process is not None
        self.process.kill()
        self._gone()

    def workers(self) -> list[psutil.Process]:
        assert self.process is not None
        return [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if "resource_tracker" not in " ".join(child.cmdline())
        ]

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))

    def log(self) -> str:
        return (self.data_dir.parent / "log").read_text()

    def clean_up(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.interrupt()
        shutil.rmtree(self.data_dir.parent, ignore_errors=True)

    def _gone(self) -> int:
        assert self.process is not None
        code = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code
