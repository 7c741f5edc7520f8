"""The three kinds of numbers: what only grows, what goes up and down, how long something took."""

from __future__ import annotations

from bisect import bisect_left
from typing import ClassVar, Final

from kronika.metrics.ledger import LEDGER, MOST_CELLS_OF_ONE


class Number:
    """`labels` are the names of its labels; their values are given with each call, in this order.

    Values must come from a list that ends: each new combination takes a place for good.
    """

    all: ClassVar[dict[str, Number]] = {}

    def __init__(self, name: str, text: str, *labels: str, size: int = 1) -> None:
        self.name: Final = name
        self.text: Final = text
        self.labels: Final = labels
        self.size: Final = size
        self._places: Final = _Places(self)
        Number.all[name] = self
        if not labels:
            # Shown from the start, so that a rate can be told of the first.
            _ = self._places[()]


class _Places(dict[tuple[str, ...], int]):
    """The first cell of each combination of labels, taken when it is asked for first."""

    def __init__(self, number: Number) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, labels: tuple[str, ...]) -> int:
        place = self[labels] = LEDGER.place(self._number.name, labels, self._number.size)
        return place


class _Single(Number):
    """A number of one cell."""

    def grow(self, amount: float, *labels: str) -> None:
        LEDGER.cells[self._places[labels]] += amount


class Counter(_Single):
    def reach(self, value: float, *labels: str) -> None:
        """For what is counted elsewhere in this process: so many by now."""
        LEDGER.cells[self._places[labels]] = value


class Gauge(_Single):
    def set(self, value: float, *labels: str) -> None:
        LEDGER.cells[self._places[labels]] = value


class Histogram(Number):
    """A cell for each bound (values up to it and over the one before), one for all beyond, one for the sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: tuple[float, ...]) -> None:
        self.bounds: Final = bounds
        super().__init__(name, text, *labels, size=len(bounds) + 2)
        assert self.size <= MOST_CELLS_OF_ONE

    def observe(self, value: float, *labels: str) -> None:
        place = self._places[labels]
        cells = LEDGER.cells
        cells[place + bisect_left(self.bounds, value)] += 1
        cells[place + self.size - 1] += value
