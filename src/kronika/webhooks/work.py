"""What is to be sent, and what became of it: between the couriers and the functions of migration 0020."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct, field

from kronika.db.pool import Database
from kronika.encoding import json_bytes

_COMPANIES: Final = "SELECT coalesce(json_agg(c), '[]')::text AS companies FROM webhook_companies() c"
_CLAIM: Final = """
SELECT coalesce(json_agg(c), '[]')::text AS claims
FROM claim_webhooks(%(claimer)s, %(seconds)s, %(most)s::integer, %(horizon)s::bigint, %(whose)s::bigint[]) c
"""
_KEEP: Final = """
SELECT keep_webhooks(%(claimer)s, %(companies)s::bigint[], %(subscriptions)s::bigint[], %(seconds)s) AS n
"""
_LEAVE_ALL: Final = "SELECT leave_webhooks(%(claimer)s) AS n"
_LEAVE: Final = """
SELECT leave_webhook(%(company_id)s::bigint, %(subscription_id)s::bigint, %(claimer)s, %(seconds)s)::integer AS n
"""
_WORK: Final = """
SELECT is_held, url, sealed_secret, now_is, next_due, work FROM webhook_work(
    %(company_id)s::bigint, %(subscription_id)s::bigint, %(claimer)s, %(horizon)s::bigint, %(most)s::integer)
"""
_RECORD: Final = """
SELECT record_webhook_outcomes(
    %(company_id)s::bigint, %(subscription_id)s::bigint, %(claimer)s, %(outcomes)s::text::jsonb,
    %(moved)s::text::jsonb)::integer AS n
"""
# Of the ten connections of a process. With more, hundreds of subscriptions would keep its requests waiting.
_SEATS: Final = 3


class Claim(Struct, frozen=True):
    company_id: int
    subscription_id: int


class _Company(Struct, frozen=True):
    company_id: int
    subscriptions: int


class _Companies(Struct, frozen=True):
    companies: str


class _Claims(Struct, frozen=True):
    claims: str


class _Count(Struct, frozen=True):
    n: int


class Item(Struct, frozen=True):
    """A delivery to be attempted: a new one of the journal (`position`), or one that has its row (`delivery`)."""

    cause: str
    change: UUID
    type: str
    resource: int
    occurred: datetime
    delivery: int | None = None
    position: int | None = None
    made: int = 0
    """Attempts so far."""
    stretch: int | None = None


class Stretch(Struct, frozen=True):
    id: int
    reach: int
    """How far its cursor may go when all its items have been sent."""
    items: list[Item]


class Work(Struct, frozen=True):
    due: list[Item] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.due or self.stretches)


class _WorkRow(Struct, frozen=True):
    is_held: bool
    url: str | None
    sealed_secret: bytes | None
    now_is: datetime
    next_due: datetime | None
    work: str | None


class Assignment(Struct, frozen=True):
    """What a subscription has to be sent now, and where to."""

    url: str
    sealed_secret: bytes
    now: datetime
    """The clock of everything stored, when this was read."""
    next_due: datetime | None
    """When something is to be sent again, as far as it is not among the work yet."""
    work: Work


class Attempt(Struct, frozen=True):
    """What became of one attempt, as it is recorded. `pause`: seconds to the next; None: there is none."""

    delivery: int | None
    cause: str
    change: UUID
    type: str
    resource: int
    occurred: datetime
    at: datetime
    result: str
    status: int | None
    milliseconds: int
    delivered: bool
    pause: float | None
    made: int
    """Attempts before this one."""
    stretch: int | None
    position: int | None


class Moved(Struct, frozen=True):
    """A stretch, and how far its cursor goes."""

    id: int
    reach: int


class Desk:
    """The statements of one claimer, a few at a time: the connections are the API's too.

    All of them raise Unavailable and LockWaitTimeout, as `Database.call` does.
    """

    def __init__(self, database: Database, claimer: UUID) -> None:
        self._database = database
        self._claimer = claimer
        self._seats = asyncio.Semaphore(_SEATS)

    async def companies(self) -> dict[int, int]:
        """The companies that have subscriptions, and how many."""
        async with self._seats:
            row = await self._database.call(_Companies, _COMPANIES, {})
        found = msgspec.json.decode(row.companies, type=list[_Company])
        return {company.company_id: company.subscriptions for company in found}

    async def claim(self, *, seconds: float, most: int, horizon: int, whose: Sequence[int] | None) -> list[Claim]:
        """Subscriptions with something to be sent, ours from now on for so many seconds. `whose`: see the function."""
        values = {"claimer": self._claimer, "seconds": seconds, "most": most, "horizon": horizon, "whose": whose}
        async with self._seats:
            row = await self._database.call(_Claims, _CLAIM, values)
        return msgspec.json.decode(row.claims, type=list[Claim])

    async def keep(self, claims: Collection[Claim], *, seconds: float) -> None:
        """Prolongs these, as far as they are ours."""
        values = {
            "claimer": self._claimer,
            "companies": [claim.company_id for claim in claims],
            "subscriptions": [claim.subscription_id for claim in claims],
            "seconds": seconds,
        }
        async with self._seats:
            await self._database.call(_Count, _KEEP, values)

    async def leave_all(self) -> None:
        await self._database.call(_Count, _LEAVE_ALL, {"claimer": self._claimer})

    async def leave(self, claim: Claim, *, seconds: float = 0) -> None:
        """Lets go of a subscription, which nobody takes before so many seconds have passed."""
        async with self._seats:
            await self._database.call(_Count, _LEAVE, self._of(claim) | {"seconds": seconds})

    async def assignment(self, claim: Claim, *, horizon: int, most: int) -> Assignment | None:
        """What is to be sent; None: the subscription is not ours any more, or is deleted."""
        async with self._seats:
            row = await self._database.call(_WorkRow, _WORK, self._of(claim) | {"horizon": horizon, "most": most})
        if not row.is_held or row.url is None or row.sealed_secret is None or row.work is None:
            return None
        work = msgspec.json.decode(row.work, type=Work)
        return Assignment(row.url, row.sealed_secret, row.now_is, row.next_due, work)

    async def record(self, claim: Claim, attempts: Sequence[Attempt], moved: Sequence[Moved]) -> bool:
        """Records the attempts and moves the cursors; False: it was not ours any more, and nothing is recorded."""
        values = {"outcomes": json_bytes(attempts).decode(), "moved": json_bytes(moved).decode()}
        async with self._seats:
            return bool((await self._database.call(_Count, _RECORD, self._of(claim) | values)).n)

    def _of(self, claim: Claim) -> dict[str, object]:
        return {
            "company_id": claim.company_id,
            "subscription_id": claim.subscription_id,
            "claimer": self._claimer,
        }
