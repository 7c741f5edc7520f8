"""Advisory locks that several parts of Kronika agree on. They belong to one database."""

from __future__ import annotations

from typing import Any, Final

import psycopg

FILES_LOCK: Final = 0x66696C6573  # "files"
"""Held exclusively by whoever deletes a stored file, shared by whoever needs files to stay, a backup above all."""


def hold_files(connection: psycopg.Connection[Any]) -> None:
    """No stored file is deleted until the connection is closed. Waits for a deletion that is under way."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
