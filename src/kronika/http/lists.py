"""Lists: what their parameters mean, and how their pages are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from kronika.errors import Complaints, Invalid
from kronika.http.paging import PAGE_FIELDS, PageWish, Paginator, paginator
from kronika.http.query import read_query
from kronika.http.services import services
from kronika.input.fields import Field


def read_list_query(request: Request, fields: Mapping[str, Field[Any]]) -> dict[str, Any]:
    """The values of a list's parameters.

    Raises Invalid.
    """
    complaints = Complaints()
    values = read_query(request, fields, complaints)
    if complaints:
        raise Invalid(complaints)
    return values


def missing(name: str) -> Invalid:
    """A parameter that says nothing counts as one that is not there."""
    complaints = Complaints()
    complaints.add(name, "required")
    return Invalid(complaints)


def is_paged(values: Mapping[str, Any]) -> bool:
    """Whether a page was asked for, of a list that is answered whole otherwise."""
    return any(values[name] is not None for name in PAGE_FIELDS)


def paginator_of(request: Request, values: Mapping[str, Any], wish: PageWish, *, total: int, shown: int) -> Paginator:
    """The paginator of a page; its links keep every parameter that was sent."""
    filters = {name: _written(value) for name, value in values.items() if name != "page" and value is not None}
    address = services(request).settings.base_url + request.url.path
    return paginator(wish, total=total, shown=shown, address=address, filters=filters)


def _written(value: Any) -> str:
    """As a query would say it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
