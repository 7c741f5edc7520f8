"""Clients of endless answers, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Message

from support.couriers import until


class Watching:
    """A client of a stream: what it was sent."""

    def __init__(self) -> None:
        self.status = 0
        self.sent = b""
        self.is_over = False
        self.takes = asyncio.Event()
        """Cleared, it takes nothing any more."""
        self.takes.set()

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.sent += message.get("body", b"")
            self.is_over = not message.get("more_body", False)


@asynccontextmanager
async def watching(app: ASGIApp, path: str, query: str, **headers: str) -> AsyncGenerator[Watching]:
    """A GET of this path, whose answer goes on until the block is left."""
    there = Watching()
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1", "scheme": "http", "server": ("kronika.test", 80), "client": ("127.0.0.1", 1),
        "root_path": "",
    }  # fmt: skip
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    task = asyncio.create_task(app(scope, receive, there.send))
    try:
        await until(lambda: there.status)
        yield there
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
