"""Processor time of a server and its PostgreSQL: of a machine that others use too it tells more than rates do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil


def processor_time(server: int, data_dir: Path) -> float:
    """Seconds that the server's processes, its PostgreSQL's included, have taken so far."""
    postmaster = int(next(data_dir.rglob("postmaster.pid")).read_text().splitlines()[0])
    processes = {
        each
        for pid in (server, postmaster)
        for each in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    }
    taken = 0.0
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            # Those of children that are gone are with their parents.
            taken += times.user + times.system + times.children_user + times.children_system
    return taken
