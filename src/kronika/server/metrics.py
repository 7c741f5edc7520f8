"""/metrics: a small HTTP server beside the work, on an address of its own, with one page.

It never gets in the way: a port that is taken, a full disk, a database that does not answer cost a line in the log or a
number on the page, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from typing import Final

import h11
import structlog

from kronika.metrics.folder import Folder, run_folder
from kronika.server.backlog import Backlog
from kronika.server.exposition import Snapshot
from kronika.server.sampling import FOLDER_VARIABLE, publish_numbers, sample_process
from kronika.settings import Settings

_EXCHANGE_SECONDS: Final = 10
"""For one request and its answer, the database included."""
_MOST_AT_ONCE: Final = 16
_LARGEST_HEAD: Final = 8 * 1024
_TIDY_EVERY_SECONDS: Final = 10
_TEXT: Final = "text/plain; charset=utf-8"

_log = structlog.get_logger("kronika")


@contextmanager
def serve_metrics(settings: Settings, kind: str) -> Generator[None]:
    """Serves the numbers of this process and of those it starts (`publish_numbers`) while the block lasts.

    The settings are complete (`prepared`). `kind` is what this process is, in the numbers about processes.
    """
    os.environ.pop(FOLDER_VARIABLE, None)
    with ExitStack() as stack:
        if settings.metrics_endpoint is not None:
            try:
                folder = stack.enter_context(run_folder())
            except OSError as error:
                _log.warning("no metrics: no folder for them", cause=error.strerror)
            else:
                os.environ[FOLDER_VARIABLE] = str(folder.path)
                publish_numbers(kind)
                stack.enter_context(_running(_Page(folder, Backlog(settings.database_url), kind), settings))
        yield


@contextmanager
def _running(page: _Page, settings: Settings) -> Generator[None]:
    """The server in a thread of its own: this one belongs to whoever supervises."""
    assert settings.metrics_endpoint is not None
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    work = _serve(page, *settings.metrics_endpoint, stopping)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(work)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # The loop is closed already where the server has failed.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stopping.set)
        thread.join(_EXCHANGE_SECONDS)


async def _serve(page: _Page, host: str, port: int, stopping: asyncio.Event) -> None:
    is_told = False
    while not stopping.is_set():
        try:
            server = await asyncio.start_server(page.exchange, host, port, limit=_LARGEST_HEAD)
        except OSError as error:
            # Another Kronika on this machine, mostly. When that one goes, the address is ours.
            if not is_told:
                _log.warning("no metrics yet: cannot listen", host=host, port=port, cause=str(error))
                is_told = True
        else:
            async with server:
                _log.info("metrics", host=host, port=port)
                while not await _comes(stopping):
                    page.tidy()
                return
        await _comes(stopping)


async def _comes(event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(_TIDY_EVERY_SECONDS):
            return await event.wait()
    return False


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status: Final = status


class _Page:
    """What the numbers are, and the answer to one connection."""

    def __init__(self, folder: Folder, backlog: Backlog, kind: str) -> None:
        self._folder = folder
        self._backlog = backlog
        self._kind = kind
        self._places = _MOST_AT_ONCE

    def tidy(self) -> None:
        try:
            self._folder.tidy()
        except OSError as error:
            _log.warning("metrics", cause=str(error))

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._places:
            writer.transport.abort()
            return
        self._places -= 1
        try:
            async with asyncio.timeout(_EXCHANGE_SECONDS):
                writer.write(await self._answer(reader))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError):
            # Gone, or too slow.
            pass
        finally:
            self._places += 1
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        exchange = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)
        try:
            accept = await _asked(exchange, reader)
            status, (body, media_type) = HTTPStatus.OK, await self._content(accept)
        except h11.RemoteProtocolError:
            status, body, media_type = HTTPStatus.BAD_REQUEST, b"", _TEXT
        except _Refused as refused:
            status, body, media_type = refused.status, b"", _TEXT
        headers = [("content-type", media_type), ("content-length", str(len(body))), ("connection", "close")]
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("allow", "GET"))
        return b"".join(
            exchange.send(event) or b""
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        )

    async def _content(self, accept: str) -> tuple[bytes, str]:
        # The database has the time it has; all else is there at once.
        ages = await self._backlog.read()
        sample_process(self._kind)
        return Snapshot(self._folder.totals(), ages).encoded(accept)


async def _asked(exchange: h11.Connection, reader: asyncio.StreamReader) -> str:
    """What a request for the page accepts.

    Raises _Refused: it is for something else.
    """
    while (event := exchange.next_event()) is h11.NEED_DATA:
        exchange.receive_data(await reader.read(_LARGEST_HEAD))
    if not isinstance(event, h11.Request):
        raise _Refused(HTTPStatus.BAD_REQUEST)
    if event.target.partition(b"?")[0] != b"/metrics":
        raise _Refused(HTTPStatus.NOT_FOUND)
    if event.method != b"GET":
        raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED)
    return ", ".join(value.decode("latin-1") for name, value in event.headers if name == b"accept")
