"""Pages of lists: what the client asks, and the paginator of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from kronika.input.fields import Field, integer

MOST_PER_PAGE = 200
_DEFAULT_PER_PAGE = 10
# Up to so many pages every one has its link; beyond, a window around the current one.
_ALL_SHOWN = 13
_EDGE = 7
_EDGE_WINDOW = 10
_SIDE = 3

PAGE_FIELDS: dict[str, Field[Any]] = {"perPage": integer(1, MOST_PER_PAGE), "page": integer(1)}


class Link(Struct, frozen=True):
    url: str | None
    label: str
    active: bool


class Paginator(Struct, frozen=True, rename="camel"):
    current_page: int
    per_page: int
    total_pages: int
    total_results: int
    current_from: int | None
    current_to: int | None
    first_page_url: str
    last_page_url: str
    next_page_url: str | None
    previous_page_url: str | None
    links: list[Link]


class PageWish(Struct, frozen=True):
    """Which page: numbers from 1."""

    page: int
    per_page: int


def page_wish(values: Mapping[str, Any]) -> PageWish:
    """The page that fault-free values of PAGE_FIELDS ask for."""
    return PageWish(values["page"] or 1, values["perPage"] or _DEFAULT_PER_PAGE)


def paginator(wish: PageWish, *, total: int, shown: int, address: str, filters: Mapping[str, str]) -> Paginator:
    """The paginator of a page with `shown` of `total` results; `filters` are kept in every link."""
    pages = max(1, -(-total // wish.per_page))
    first = (wish.page - 1) * wish.per_page + 1
    prefix = f"{address}?{urlencode(filters)}{'&' if filters else ''}page="

    def url(page: int) -> str | None:
        return f"{prefix}{page}" if 1 <= page <= pages else None

    previous_url, next_url = url(wish.page - 1), url(wish.page + 1)
    if wish.page > pages:
        previous_url = url(pages)
    return Paginator(
        current_page=wish.page,
        per_page=wish.per_page,
        total_pages=pages,
        total_results=total,
        current_from=first if shown else None,
        current_to=first + shown - 1 if shown else None,
        first_page_url=f"{prefix}1",
        last_page_url=f"{prefix}{pages}",
        next_page_url=next_url,
        previous_page_url=previous_url,
        links=[
            Link(previous_url, "&laquo; Previous", False),
            *(
                Link(None, "...", False) if page is None else Link(url(page), str(page), page == wish.page)
                for page in _window(wish.page, pages)
            ),
            Link(next_url, "Next &raquo;", False),
        ],
    )


def _window(current: int, last: int) -> list[int | None]:
    """Page numbers with a link, None for a gap."""
    if last <= _ALL_SHOWN:
        return list(range(1, last + 1))
    if current <= _EDGE:
        return [*range(1, _EDGE_WINDOW + 1), None, last - 1, last]
    if current > last - _EDGE:
        return [1, 2, None, *range(last - _EDGE_WINDOW + 1, last + 1)]
    return [1, 2, None, *range(current - _SIDE, current + _SIDE + 1), None, last - 1, last]
