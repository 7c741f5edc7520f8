"""`kronika serve`: the supervisor. Prepares the database, runs the workers, keeps both alive, stops them in order."""

from __future__ import annotations

import errno
import multiprocessing
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPException

import psycopg
import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kronika.db.embedded import EmbeddedError, embedded_postgres
from kronika.server.limits import CONNECTIONS, allow_files
from kronika.server.logs import LOGGING, configure_logs
from kronika.server.metrics import serve_metrics
from kronika.server.prepared import prepared
from kronika.server.worker import STOP_SIGNAL
from kronika.settings import Settings, SettingsError
from kronika.storage.opening import open_files

_HEAD_MILLISECONDS = 10_000
_LARGEST_HEAD = 64 * 1024
_BACKLOG = 2048
_STOP_SECONDS = 10
_PORT_WAIT_SECONDS = 3.0
_WATCH_SECONDS = 1.0
_READY_POLL_SECONDS = 0.05

_log = structlog.get_logger("kronika")


def serve(settings: Settings, *, on_prepared: Callable[[Settings], None], on_ready: Callable[[], None]) -> None:
    """Serves until it is interrupted.

    `on_prepared` is called with the completed settings once the database can be used, `on_ready` once requests are
    answered. Raises SettingsError, EmbeddedError, DatabaseError: it cannot start.
    """
    configure_logs()
    address = _free_address(settings)
    with prepared(settings, upgrade=True) as complete:
        # A store that cannot be one is told now, in one line, and not by every worker.
        open_files(settings)
        on_prepared(complete)
        # Workers are fresh processes, not forks: a fork inherits every lock that a thread of ours or granian's holds at
        # that moment. They read what is now known from their environment.
        multiprocessing.set_start_method("spawn", force=True)
        allow_files()
        os.environ["KRONIKA_DATABASE_URL"] = complete.database_url
        os.environ["KRONIKA_SECRET_KEY"] = complete.secret_key
        stopping = threading.Event()
        helpers = [
            threading.Thread(target=_call_when_ready, args=(address, settings.port, on_ready, stopping), daemon=True)
        ]
        if not settings.database_url:
            helpers.append(threading.Thread(target=_keep_database, args=(complete, stopping), daemon=True))
        for helper in helpers:
            helper.start()
        try:
            with serve_metrics(complete, "supervisor"):
                _server(settings, address).serve()
        finally:
            stopping.set()
            for helper in helpers:
                helper.join()


class _Server(MPServer):
    def shutdown(self, exit_code: int = 0) -> None:
        for worker in multiprocessing.active_children():
            with suppress(ProcessLookupError):
                os.kill(worker.pid or 0, STOP_SIGNAL)
        super().shutdown(exit_code)


def _server(settings: Settings, address: str) -> MPServer:
    return _Server(
        "kronika.server.worker:create_worker",
        factory=True,
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        workers=settings.workers,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS, max_buffer_size=_LARGEST_HEAD),
        backlog=_BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_dictconfig=LOGGING,
        log_level=LogLevels.warning,
    )


def _free_address(settings: Settings) -> str:
    """The IP address to listen on, once its port is free.

    Workers share the port among themselves (SO_REUSEPORT), so a second server would join in instead of failing: whether
    the port is free is asked without it. The workers of a server that was killed need a moment to end.
    """
    deadline = time.monotonic() + _PORT_WAIT_SECONDS
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                return str(address[0])
        except (OSError, UnicodeError) as error:
            if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                reason = error.strerror if isinstance(error, OSError) else "no such host"
                raise SettingsError(
                    f"cannot listen on {settings.host} port {settings.port} (KRONIKA_HOST, KRONIKA_PORT): {reason}"
                ) from None
        time.sleep(_READY_POLL_SECONDS)


def _call_when_ready(address: str, port: int, on_ready: Callable[[], None], stopping: threading.Event) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    url = f"http://[{host}]:{port}/readyz" if ":" in host else f"http://{host}:{port}/readyz"
    # Not through a proxy that the environment may name.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not stopping.wait(_READY_POLL_SECONDS):
        with suppress(OSError, HTTPException), direct.open(url, timeout=1) as response:
            if response.status == HTTPStatus.OK:
                on_ready()
                return


def _keep_database(settings: Settings, stopping: threading.Event) -> None:
    """Starts the embedded PostgreSQL again when it has died."""
    while not stopping.wait(_WATCH_SECONDS):
        try:
            psycopg.connect(settings.database_url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if stopping.is_set():
                return
            _log.warning("database gone, starting it", cause=str(error).strip())
            try:
                # Entering starts it. Leaving does not stop it: this process is a user of it already.
                with embedded_postgres(settings.data_dir):
                    pass
            except EmbeddedError as failure:
                _log.error("database does not start", cause=str(failure))
