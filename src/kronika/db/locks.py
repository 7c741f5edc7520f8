"""Advisory locks of PostgreSQL's that several programs of Kronika agree on, by number."""

from __future__ import annotations

from typing import Final

FILES_LOCK: Final = 0x6B726F6E66696C65  # "kronfile"
"""Held alone, for a transaction, by whoever takes files out of the store; shared by a backup for as long as it lasts:
then no file goes that the rows it has saved name.
"""
