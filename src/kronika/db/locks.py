"""Advisory locks of PostgreSQL's that several programs of Kronika agree on, by number. They belong to one database."""

from __future__ import annotations

from typing import Any, Final

import psycopg

FILES_LOCK: Final = 0x6B726F6E66696C65  # "kronfile"
"""Held alone, for a transaction, by whoever takes files out of the store; shared by a backup for as long as it lasts:
then no file goes that the rows it has saved name.
"""


def hold_files(connection: psycopg.Connection[Any]) -> None:
    """No file is taken out of the store until the connection is closed. Waits for whoever is taking one out."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
