"""From a name to addresses that may be connected to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, TypeAlias

from kronika.hosts import Address, AllowedHosts
from kronika.outgoing.addresses import is_public
from kronika.outgoing.urls import Url

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Address]]]
"""All addresses of a name. Raises OSError: it has none, or nobody could tell."""

THREADS: Final = 16
THREADS_FOR_THE_SLOW: Final = 4
SLOW_SECONDS: Final = 1.0
_MOST_REMEMBERED = 1024


class NotPublic(Exception):
    """An address of the host is not public, and neither it nor the host is allowed."""


async def checked_addresses(url: Url, allowed: AllowedHosts, resolve: Resolve) -> Sequence[Address]:
    """The addresses to connect to, at least one. The name is resolved once: a second answer could be another.

    Raises NotPublic; OSError: the name has no address.
    """
    if url.address is not None:
        found: Sequence[Address] = [url.address]
    else:
        try:
            found = await resolve(url.host)
        except UnicodeError as error:
            raise OSError(f"no name to look up: {url.host}") from error
    if not found:
        raise OSError(f"no address: {url.host}")
    # One that is not public spoils all: which of them is connected to is chance, and who gives a private address among
    # others tries something, or has a mistake in his zone.
    if not (allowed.allows(url.host) or all(is_public(address) or allowed.allows(address) for address in found)):
        raise NotPublic
    return found


def look_up(name: str) -> list[Address]:
    """As this machine resolves names (hosts file, DNS …), in the order to try. Blocks for as long as it takes."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(address[0])) for _, _, _, _, address in found))


class Resolver:
    """Looks names up in a bounded number of threads, without making anybody wait for them longer than he wants to.

    Nothing ends a `getaddrinfo` whose name server is silent. So a thread is busy until it returns, whoever still waits;
    a name has one thread at most; and a name that took long is next time looked up among its like, to delay no other.
    An instance belongs to one event loop.
    """

    def __init__(
        self,
        look_up: Callable[[str], list[Address]] = look_up,
        *,
        threads: int = THREADS,
        threads_for_the_slow: int = THREADS_FOR_THE_SLOW,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self._look_up = look_up
        self._slow_seconds = slow_seconds
        self._free = asyncio.Semaphore(threads)
        self._free_for_the_slow = asyncio.Semaphore(threads_for_the_slow)
        self._running: dict[str, asyncio.Task[list[Address]]] = {}
        self._slow: dict[str, None] = {}

    async def __call__(self, name: str) -> Sequence[Address]:
        """All addresses of a name; who is waiting for it already is joined.

        Raises OSError: it has none, or nobody could tell.
        """
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = asyncio.create_task(self._looked_up(name))
            task.add_done_callback(lambda done: self._forget(name, done))
        return await asyncio.shield(task)

    async def _looked_up(self, name: str) -> list[Address]:
        loop = asyncio.get_running_loop()
        async with self._free_for_the_slow if name in self._slow else self._free:
            started = loop.time()
            try:
                return await _in_daemon_thread(self._look_up, name)
            finally:
                self._slow.pop(name, None)
                if loop.time() - started >= self._slow_seconds:
                    self._slow[name] = None
                    if len(self._slow) > _MOST_REMEMBERED:
                        del self._slow[next(iter(self._slow))]

    def _forget(self, name: str, done: asyncio.Task[list[Address]]) -> None:
        del self._running[name]
        # Who asked may be gone, and then nobody else looks at what became of it.
        _ = done.cancelled() or done.exception()


async def _in_daemon_thread(work: Callable[[str], list[Address]], name: str) -> list[Address]:
    # Not an executor's: the end of the process waits for those.
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Address]] = loop.create_future()

    def tell(found: list[Address] | Exception) -> None:
        if future.done():
            return
        if isinstance(found, Exception):
            future.set_exception(found)
        else:
            future.set_result(found)

    def run() -> None:
        try:
            found = work(name)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            found = error
        with suppress(RuntimeError):  # The loop is closed: nobody waits.
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=run, name="kronika-resolver", daemon=True).start()
    return await future
