"""The drawing of a year of activity."""

from __future__ import annotations

from datetime import date

import pytest

from kronika.web.home.chart import chart_of

TODAY = date(2026, 3, 31)


def test_it_has_twelve_months_and_this_one_is_the_last():
    chart = chart_of({date(2026, 3, 1): 4, date(2025, 4, 1): 1, date(2025, 3, 1): 99}, TODAY)
    assert [bar.events for bar in chart.bars] == [1, *[0] * 10, 4]
    assert chart.total == 5
    assert chart.busiest.begins == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (3, 4), (9, 10), (11, 20), (41, 50), (99, 100), (1001, 2000), (8_000_001, 10_000_000)],
)  # fmt: skip
def test_the_scale_ends_with_a_round_number_whose_half_is_whole(most: int, top: int):
    chart = chart_of({date(2026, 3, 1): most}, TODAY)
    assert [line.events for line in chart.lines] == [0, top // 2, top]


@pytest.mark.parametrize("most", [1, 7, 1000, 9_999_999])
def test_all_of_it_is_inside_the_drawing_and_what_there_is_is_seen(most: int):
    chart = chart_of({date(2026, 3, 1): most, date(2026, 2, 1): 1}, TODAY)
    assert all(chart.left <= bar.x and bar.x + bar.width <= 288 and bar.width >= 8 for bar in chart.bars)
    assert all(bar.y >= 12 and bar.y + bar.height == 108 for bar in chart.bars)
    assert [bar.height > 0 for bar in chart.bars] == [bar.events > 0 for bar in chart.bars]
