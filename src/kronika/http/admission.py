"""Who asks, may they, how often: 401, 403, 429, in this order, before anything else is looked at."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.requests import Request

from kronika.credentials import is_well_formed
from kronika.errors import Forbidden, TooManyRequests, Unauthenticated
from kronika.http.context import RateState, context
from kronika.http.services import services


class Admission(Struct, frozen=True):
    """The company a request speaks for, and the token that says so."""

    company_id: int
    token_id: int
    company_name: str
    zone: ZoneInfo


class _AdmitRow(Struct):
    outcome: str
    company_id: int | None
    token_id: int | None
    company_name: str | None
    time_zone: str | None
    remaining: int | None
    resets_at: datetime | None
    resets_in: timedelta | None


_ADMIT: Final = """
SELECT outcome::text, company_id, token_id, company_name, time_zone, remaining, resets_at, resets_in
FROM admit(%(token)s, %(needs_write)s, %(rate_limit)s::integer)
"""


def bearer_hash(request: Request) -> bytes:
    """The hash of the request's token, whether or not such a token exists; costs no query, and is made once.

    Raises Unauthenticated: there is no bearer token, or it is mistyped.
    """
    about = context(request)
    if about.token_hash is None:
        about.token_hash = _bearer_hash(request)
    return about.token_hash


def _bearer_hash(request: Request) -> bytes:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not is_well_formed(token):
        raise Unauthenticated
    return services(request).hasher.token_hash(token)


async def identify(request: Request) -> Admission:
    """Who asks, without counting the request: for routes that do not exist.

    Raises Unauthenticated.
    """
    return await _admit(request, needs_write=False, rate_limit=0)


async def admit(request: Request, *, needs_write: bool) -> Admission:
    """Lets the request in and counts it.

    Raises Unauthenticated, Forbidden (scope `read` on a write), TooManyRequests.
    """
    return await _admit(request, needs_write=needs_write, rate_limit=services(request).settings.rate_limit)


async def _admit(request: Request, *, needs_write: bool, rate_limit: int) -> Admission:
    row = await services(request).database.call(
        _AdmitRow,
        _ADMIT,
        {"token": bearer_hash(request), "needs_write": needs_write, "rate_limit": rate_limit},
    )
    context(request).company_id = row.company_id
    if row.company_id is None or row.token_id is None or row.company_name is None or row.time_zone is None:
        raise Unauthenticated
    if row.outcome == "forbidden":
        raise Forbidden
    if row.remaining is not None and row.resets_at is not None and row.resets_in is not None:
        context(request).rate = RateState(rate_limit, row.remaining)
        if row.outcome == "throttled":
            raise TooManyRequests(
                resets_at=math.ceil(row.resets_at.timestamp()),
                retry_after=max(1, math.ceil(row.resets_in.total_seconds())),
            )
    return Admission(row.company_id, row.token_id, row.company_name, ZoneInfo(row.time_zone))


def is_limited(request: Request) -> bool:
    """Whether requests are counted at all. Where they are not, a hot route asks who it is in its own statement."""
    return services(request).settings.rate_limit > 0
