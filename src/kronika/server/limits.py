"""How many files, and so connections, a process may have open."""

from __future__ import annotations

import resource
from typing import Final

CONNECTIONS: Final = 4096
"""Of clients, to a worker. Idle ones count: beyond it new ones wait in the backlog."""
MOST_PLACES: Final = 1000
"""Deliveries under way at once in a process, for each of the two kinds of receivers (see Courier)."""

_OTHER_FILES: Final = 128
# Of the files there may be, one in so many for each kind.
_SHARE: Final = 4


def allow_files() -> None:
    """Raises the soft limit, which is 1,024 mostly, to what is wanted or what is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 2 * MOST_PLACES + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def delivery_places() -> int:
    """Deliveries of each kind that may be under way: without files left, receivers would look as if they were down."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_PLACES if soft == resource.RLIM_INFINITY else min(MOST_PLACES, soft // _SHARE)
