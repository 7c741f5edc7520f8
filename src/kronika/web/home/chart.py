"""A year of activity as columns, drawn by the server: what a drawing needs to know, in its own units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Final

from msgspec import Struct

from kronika.web.relations.margins import MONTHS, month_starts

_WIDTH: Final = 288
_TOP: Final = 12
_HEIGHT: Final = 96
_DIGIT: Final = 8
_GAP: Final = 6
_SMALLEST: Final = 2
_LINES: Final = 2


class Bar(Struct, frozen=True):
    """A month and its column: the upper left corner, its width and height."""

    begins: date
    events: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


class Line(Struct, frozen=True):
    """A line of the scale, with what it stands for."""

    events: int
    y: int


class Chart(Struct, frozen=True):
    """The last twelve months, this one included, oldest first; `left`: where the columns begin, behind the numbers."""

    left: int
    bars: list[Bar]
    lines: list[Line]

    @property
    def total(self) -> int:
        return sum(bar.events for bar in self.bars)

    @property
    def busiest(self) -> Bar:
        return max(reversed(self.bars), key=lambda bar: bar.events)


def chart_of(events: Mapping[date, int], today: date) -> Chart:
    """The drawing of the events of each month, by the first days of the months."""
    months = month_starts(today)[:MONTHS]
    top = _round_above(max(events.get(month, 0) for month in months))
    left = 2 * _DIGIT + _DIGIT * len(f"{top:,}")
    step = (_WIDTH - left) // MONTHS
    bars: list[Bar] = []
    for place, month in enumerate(months):
        n = events.get(month, 0)
        height = max(_SMALLEST, round(n / top * _HEIGHT)) if n else 0
        x = left + place * step + _GAP // 2
        bars.append(Bar(month, n, x, _TOP + _HEIGHT - height, step - _GAP, height))
    lines = [Line(top * n // _LINES, _TOP + _HEIGHT - _HEIGHT * n // _LINES) for n in range(_LINES + 1)]
    return Chart(left, bars, lines)


def _round_above(most: int) -> int:
    """The first round number that is not less and has a whole half: 2, 4, 6, 8, 10, 20, 30, …"""
    return next(
        digits * 10**power
        for power in count()
        for digits in ((2, 4, 6, 8, 10) if power == 0 else (1, 2, 3, 4, 5, 6, 8))
        if digits * 10**power >= most
    )
