"""A date and time of a clock on the wall, as a browser's field writes it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kronika.errors import Complaints
from kronika.input.moments import local_time

BRATISLAVA = local_time(ZoneInfo("Europe/Bratislava"))


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-10T10:00", "2026-03-10T09:00:00Z"),
        ("2026-07-10 10:00:59", "2026-07-10T08:00:59Z"),
        # What the clock leaves out is an hour later, what it shows twice is the first.
        ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
    ],
)
def test_it_is_read_in_the_zone(written: str, instant: str):
    complaints = Complaints()
    assert BRATISLAVA.read(written, "from", complaints) == datetime.fromisoformat(instant)
    assert not complaints


@pytest.mark.parametrize(
    "written",
    ["today", "2026-03-10", "2026-02-30T10:00", "2026-03-10T24:00", "2026-03-10T10:00Z", "0001-01-01T00:00",
     "9999-12-31T23:59", "\uff12026-03-10T10:00", "2026-03-10T10:00:00.5", 5, True],
)  # fmt: skip
def test_what_is_none_is_complained_about(written: object):
    complaints = Complaints()
    assert BRATISLAVA.read(written, "from", complaints) is None
    assert [complaint.code for complaint in complaints["from"]] == ["local_time"]
