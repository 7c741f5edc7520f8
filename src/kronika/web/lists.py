"""What pages that are lists share: the wishes in their address, and the pages they are cut into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct
from starlette.requests import Request

from kronika.input.fields import LONGEST_LINE, parse_integer
from kronika.input.normalise import clean_text

PER_PAGE: Final = 25


class Address(Struct, frozen=True):
    """Where a list is: its path, and what is wished of it. What is wished by nobody stands in no address."""

    path: str
    wishes: Mapping[str, str | int | None]

    def but(self, **changes: str | int | None) -> str:
        """The address of the same list with these changes, from its first page unless they name one."""
        wishes = {name: wish for name, wish in {**self.wishes, **changes}.items() if wish}
        return f"{self.path}?{urlencode(wishes)}" if wishes else self.path


class Pages(Struct, frozen=True):
    """Which page is shown of how many, and which rows that are; all count from 1, `first` to `last` of `total`."""

    page: int
    pages: int
    first: int
    last: int
    total: int


def wished_text(request: Request, name: str) -> str:
    """A line in the address, cut where it is longer: an odd address is no mistake of who follows it."""
    written = request.query_params.get(name, "").replace("\0", "")
    return (clean_text(written) or "")[:LONGEST_LINE]


def wished_choice(request: Request, name: str, *options: str) -> str:
    """One of these; the first, where the address names none of them."""
    written = request.query_params.get(name)
    return written if written in options else options[0]


def wished_number(request: Request, name: str) -> int | None:
    """A number from 1; None, where the address names none."""
    number = parse_integer(request.query_params.get(name))
    return number if number is not None and number > 0 else None


def last_page(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def pages_of(page: int, *, total: int) -> Pages:
    first = (page - 1) * PER_PAGE + 1
    return Pages(page, last_page(total), first, min(first + PER_PAGE - 1, total), total)
