from __future__ import annotations

from typing import Final

from msgspec import Struct

BOARD: Final = "board"
"""The lane of requests that lock a company's board."""


class NewStatus(Struct, frozen=True):
    name: str
    color: str


class StatusView(Struct, frozen=True):
    """A column of the board, as it is stored and as the API shows it."""

    id: int
    name: str
    color: str
