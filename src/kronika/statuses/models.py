from __future__ import annotations

from msgspec import Struct


class NewStatus(Struct, frozen=True):
    name: str
    color: str


class StatusView(Struct, frozen=True):
    """A column of the board, as it is stored and as the API shows it."""

    id: int
    name: str
    color: str
