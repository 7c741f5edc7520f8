"""Memory of a process and its children, shared pages counted once."""

from __future__ import annotations

import psutil


def proportional_set_size(process_id: int) -> float:
    """MiB of a server's own processes; PostgreSQL is nobody's child here and does not count."""
    process = psutil.Process(process_id)
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_full_info().pss for member in family) / 2**20
