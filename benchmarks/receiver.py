"""A receiver of webhooks in a process of its own, as fast as Python can be: it answers 200 and notes the moment.

`python -m benchmarks.receiver` prints its port; for each line on its input it prints `[resource id, moment]` of all
that has come since the last, moments in seconds of `time.monotonic()`, one clock for all processes of a machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import cast

import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_RESOURCE = re.compile(rb'"id":(\d+)}}$')

_came: list[tuple[int, float]] = []


class _Receiver(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast: uvloop's transports are not of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._request = b""

    def data_received(self, data: bytes) -> None:
        self._request += data
        found = _RESOURCE.search(self._request)
        if found:
            _came.append((int(found[1]), time.monotonic()))
            self._transport.write(_ANSWER)
            self._transport.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Receiver, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        print(json.dumps(_came), flush=True)
        _came.clear()


if __name__ == "__main__":
    uvloop.run(_serve())
