"""An instant is a date and a time with its offset, and nothing that only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kronika.input.moments import parse_instant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-10T10:00:00Z", datetime(2026, 3, 10, 10, tzinfo=UTC)),
        ("2026-03-10t10:00:00z", datetime(2026, 3, 10, 10, tzinfo=UTC)),
        ("2026-03-10T10:00:00+01:00", datetime(2026, 3, 10, 9, tzinfo=UTC)),
        ("2026-03-10T00:30:00.5-23:59", datetime(2026, 3, 11, 0, 29, 0, 500_000, tzinfo=UTC)),
        ("2024-02-29T23:59:59.123456789Z", datetime(2024, 2, 29, 23, 59, 59, 123_456, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59Z", datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_what_is_an_instant(written: str, meant: datetime):
    assert parse_instant(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        None, True, 1773133200, [], "", "2026-03-10", "2026-03-10T10:00:00", "2026-03-10 10:00:00Z", "20260310T100000Z",
        "2026-W11-2T10:00:00Z", "2026-03-10T10Z", "2026-03-10T10:00Z", "2026-03-10T10:00:00+0100",
        "2026-03-10T10:00:00.Z", "2026-03-10T10:00:00Z ", "2026-02-29T10:00:00Z", "2026-03-10T24:00:00Z",
        "2026-03-10T10:00:60Z", "2026-03-10T10:00:00+24:00", "٢٠٢٦-03-10T10:00:00Z", "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00",
        "0000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_none(written: object):
    assert parse_instant(written) is None
