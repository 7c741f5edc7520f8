"""Receivers of webhooks on loopback, that behave as they please."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

from kronika.hosts import Address, AllowedHosts
from kronika.outgoing.exchange import Exchange
from kronika.outgoing.sending import connect
from kronika.outgoing.urls import Url

LOOPBACK = AllowedHosts.parse("127.0.0.0/8,::1")
Behaviour = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One connection, when the head of its request has been read."""

    head: str
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *parts: bytes) -> None:
        """Sends each part by itself."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            # So that each arrives alone, not glued to the next.
            await asyncio.sleep(0)

    async def hang(self) -> None:
        """Says nothing until the other side is gone."""
        with suppress(OSError):
            while await self.reader.read(1):
                pass


@dataclass
class Receiver:
    port: int
    visits: list[Visit] = field(default_factory=list)
    visited: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request has been read."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a connection has ended."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@asynccontextmanager
async def receiver(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver]:
    """Serves on 127.0.0.1 until the block ends."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        length = next(
            line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")
        )
        visit = Visit(head, await reader.readexactly(int(length)), reader, writer)
        there.visits.append(visit)
        there.visited.set()
        await behaviour(visit)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await handle(reader, writer)
        finally:
            tasks.discard(task)
            writer.transport.abort() if tls else writer.close()
            there.left.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    there = Receiver(server.sockets[0].getsockname()[1])
    try:
        yield there
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(*parts: bytes) -> Behaviour:
    """Says these parts, then closes."""

    async def behave(visit: Visit) -> None:
        await visit.say(*parts)

    return behave


def staying(*parts: bytes) -> Behaviour:
    """Says these parts, and keeps the connection open."""

    async def behave(visit: Visit) -> None:
        await visit.say(*parts)
        await visit.hang()

    return behave


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Way:
    """Connects with loopback whatever the address, and remembers the address. Some addresses refuse, others swallow."""

    def __init__(self, *, refusing: str = "", swallowing: str = "") -> None:
        self.tried: list[str] = []
        self._refusing, self._swallowing = refusing.split(), swallowing.split()

    async def __call__(
        self, exchange: Exchange, url: Url, address: Address, tls: ssl.SSLContext | None
    ) -> asyncio.Transport:
        self.tried.append(str(address))
        if str(address) in self._refusing:
            raise ConnectionRefusedError
        if str(address) in self._swallowing:
            await asyncio.Event().wait()
        return await connect(exchange, url, IPv4Address("127.0.0.1"), tls)


class Names:
    """A name server with one answer after the other; the last is for ever. An empty answer: there is no such name."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, name: str) -> list[Address]:
        self.asked.append(name)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise OSError(name)
        return [ip_address(address) for address in answer.split()]
