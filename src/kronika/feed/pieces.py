"""Many documents, some at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from kronika.documents.models import Key, Said, key_of

T = TypeVar("T")

AT_A_TIME: Final = 200
"""Documents in one transaction: what it locks, others wait for."""


def pieces(items: Iterable[T], said_of: Callable[[T], Said | None]) -> Iterator[list[T]]:
    """The items in their order, some at a time, and no document twice in a piece: the second must find the first."""
    piece: list[T] = []
    keys: set[Key] = set()
    for item in items:
        said = said_of(item)
        key = said and key_of(said)
        if len(piece) == AT_A_TIME or key in keys:
            yield piece
            piece, keys = [], set()
        piece.append(item)
        if key is not None:
            keys.add(key)
    if piece:
        yield piece
