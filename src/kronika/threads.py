"""Work that would hold up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`asyncio.to_thread`, but who is cancelled waits for the thread: it may be at work on a file that would be closed
    under it, and whose number another file would get.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # More than once: anyio cancels anew until it is obeyed.
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        # What became of it is nobody's affair any more, its exception included.
        _ = task.cancelled() or task.exception()
        raise
