"""`kronika serve`: the supervisor. Prepares the database, runs the workers, keeps both alive, stops them in order."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

import psycopg
import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from kronika.db.embedded import EmbeddedError, embedded_postgres
from kronika.server.logs import LOGGING, configure_logs
from kronika.server.prepared import prepared
from kronika.settings import Settings, SettingsError

_HEAD_MILLISECONDS = 10_000
_STOP_SECONDS = 10
_WATCH_SECONDS = 1.0
_READY_POLL_SECONDS = 0.05

_log = structlog.get_logger("kronika")


def serve(settings: Settings, *, on_prepared: Callable[[Settings], None], on_ready: Callable[[], None]) -> None:
    """Serves until it is interrupted.

    `on_prepared` is called with the completed settings once the database can be used, `on_ready` once requests are
    answered. Raises SettingsError, EmbeddedError, DatabaseError: it cannot start.
    """
    configure_logs()
    _check_address(settings)
    with prepared(settings) as complete:
        on_prepared(complete)
        # Workers are fresh processes, not forks: a fork inherits every lock that a thread of ours or granian's holds at
        # that moment. They read what is now known from their environment.
        multiprocessing.set_start_method("spawn", force=True)
        os.environ["KRONIKA_DATABASE_URL"] = complete.database_url
        os.environ["KRONIKA_SECRET_KEY"] = complete.secret_key
        stopping = threading.Event()
        helpers = [threading.Thread(target=_call_when_ready, args=(settings, on_ready, stopping), daemon=True)]
        if not settings.database_url:
            helpers.append(threading.Thread(target=_keep_database, args=(complete, stopping), daemon=True))
        for helper in helpers:
            helper.start()
        try:
            _server(settings).serve()
        finally:
            stopping.set()
            for helper in helpers:
                helper.join()


def _server(settings: Settings) -> MPServer:
    return MPServer(
        "kronika.server.worker:create_worker",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        workers=settings.workers,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS),
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_dictconfig=LOGGING,
        log_level=LogLevels.warning,
    )


def _check_address(settings: Settings) -> None:
    # Workers share the port among themselves (SO_REUSEPORT), so a second server would join in instead of failing.
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port} (KRONIKA_HOST, KRONIKA_PORT): {error.strerror}"
        ) from None


def _call_when_ready(settings: Settings, on_ready: Callable[[], None], stopping: threading.Event) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    url = settings.model_copy(update={"host": host, "public_url": ""}).base_url + "/readyz"
    while not stopping.wait(_READY_POLL_SECONDS):
        with suppress(OSError), urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310
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
