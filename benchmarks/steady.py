"""A steady load: so many requests a second, whatever the answers take, over a few kept connections.

Each latency counts from the moment the request was due, not from when a connection was free for it: a server that
stalls is charged for all that had to wait.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

CONNECTIONS = 32


class Wish(NamedTuple):
    """A request, and the kind it is counted with."""

    kind: str
    path: str


class Spread(NamedTuple):
    """Milliseconds."""

    requests: int
    median: float
    p95: float
    p99: float


def steady(address: str, token: str, wishes: Iterator[Wish], *, rate: int, seconds: int) -> dict[str, Spread]:
    """Latencies by kind, and of `all` together."""
    return asyncio.run(_steady(address, token, wishes, rate=rate, seconds=seconds))


async def _steady(address: str, token: str, wishes: Iterator[Wish], *, rate: int, seconds: int) -> dict[str, Spread]:
    where = urlsplit(address)
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection(where.hostname, where.port))
    taken: dict[str, list[float]] = {}

    async def ask(wish: Wish, due: float) -> None:
        connection = await free.get()
        reader, writer = connection
        writer.write(
            f"GET {wish.path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{wish.path}: {head.decode()}")
        taken.setdefault(wish.kind, []).append((time.perf_counter() - due) * 1000)
        free.put_nowait(connection)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, wish in enumerate(itertools.islice(wishes, rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            group.create_task(ask(wish, due))
    while not free.empty():
        free.get_nowait()[1].close()
    return {kind: _spread(found) for kind, found in {**taken, "all": list(itertools.chain(*taken.values()))}.items()}


def _spread(found: list[float]) -> Spread:
    cuts = quantiles(found, n=100, method="inclusive")
    return Spread(len(found), cuts[49], cuts[94], cuts[98])
