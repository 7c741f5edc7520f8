"""The board as a page shows it."""

from __future__ import annotations

import re
from html import unescape

import httpx2

_LANE = re.compile(r'<section class="lane".*?</section>', re.DOTALL)


def shown_columns(page: httpx2.Response) -> list[str]:
    """The names of its columns, from left to right."""
    return [unescape(name) for name in re.findall(r'<section class="lane"[^>]* data-name="([^"]*)"', page.text)]


def shown_board(page: httpx2.Response) -> dict[str, list[str]]:
    """The names of the cards in each of its columns, by the column's name."""
    assert page.status_code == 200, page.text
    return {
        unescape(re.search(r'data-name="([^"]*)"', lane)[1]): [
            unescape(name) for name in re.findall(r"data-card>([^<]*)</a>", lane)
        ]
        for lane in _LANE.findall(page.text)
    }


def shown_sizes(page: httpx2.Response) -> dict[str, int]:
    """How many cases each column says that it has."""
    found = re.findall(r'<section class="lane"[^>]* data-name="([^"]*)" data-size="(\d+)"', page.text)
    return {unescape(name): int(size) for name, size in found}
