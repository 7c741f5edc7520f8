"""How many events a company has had in each month: exact, and neither counted anew nor paid for by who records.

A count is kept with the position of the journal it is true for. What came since is added up from the journal, which is
written anyway: an event that was recorded or deleted counts in or out of its month, a timeline that was deleted counts
out with all it had. All of this never changes afterwards, so it does not matter when it is added, or whether a change
that is visible stands before or behind the position that is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from kronika.changes.journal import swept_up_to
from kronika.db.statements import Transaction

MOST_SINCE: Final = 50_000
"""Behind so many changes it is quicker to count all events."""
_KEEP_FROM: Final = 500
_KEPT: Final = """
SELECT time_zone, upto, months, events FROM company_activity WHERE company_id = %(company_id)s
"""
_BEHIND: Final = """
SELECT count(*) AS changes FROM (
    SELECT FROM changes WHERE company_id = %(company_id)s AND position > %(after)s LIMIT %(most)s) since
"""
# Look-ups for each change (OFFSET 0 keeps them so).
_SINCE: Final = """
WITH since AS MATERIALIZED (
    SELECT position, resource_id, type FROM changes
    WHERE company_id = %(company_id)s AND position > %(after)s AND type IN (
        'contact-activity-logs.created', 'contact-activity-logs.deleted',
        'clients.deleted', 'suppliers.deleted', 'business-cases.deleted')
), counted AS (
    SELECT s.position, e.created_at, CASE s.type WHEN 'contact-activity-logs.created' THEN 1 ELSE -1 END AS n
    FROM since s
    CROSS JOIN LATERAL (
        SELECT created_at FROM events WHERE company_id = %(company_id)s AND id = s.resource_id OFFSET 0) e
    WHERE s.type LIKE 'contact-activity-logs.%%'
    UNION ALL
    SELECT s.position, e.created_at, -1
    FROM since s
    CROSS JOIN LATERAL (
        SELECT created_at FROM events
        WHERE company_id = %(company_id)s AND timeline_id = s.resource_id AND deleted_at IS NULL OFFSET 0) e
    WHERE s.type NOT LIKE 'contact-activity-logs.%%'
)
SELECT date_trunc('month', created_at AT TIME ZONE %(zone)s)::date AS month, sum(n)::bigint AS events,
    coalesce(sum(n) FILTER (WHERE position <= %(upto)s), 0)::bigint AS final
FROM counted GROUP BY 1
"""
_ALL: Final = """
SELECT date_trunc('month', e.created_at AT TIME ZONE %(zone)s)::date AS month, count(*) AS events
FROM events e JOIN timelines t ON t.company_id = e.company_id AND t.id = e.timeline_id AND t.deleted_at IS NULL
WHERE e.company_id = %(company_id)s AND e.deleted_at IS NULL GROUP BY 1
"""
# Whoever was here first with something newer has done it.
_KEEP: Final = """
INSERT INTO company_activity AS a (company_id, time_zone, upto, months, events)
VALUES (%(company_id)s, %(time_zone)s, %(upto)s, %(months)s::date[], %(events)s::bigint[])
ON CONFLICT (company_id) DO UPDATE SET
    time_zone = excluded.time_zone, upto = excluded.upto, months = excluded.months, events = excluded.events
WHERE a.upto < excluded.upto OR a.time_zone <> excluded.time_zone
"""


class Kept(Struct, frozen=True):
    """Events of each month, as of a position of the journal."""

    time_zone: str
    upto: int
    months: list[date]
    events: list[int]


class Activity(Struct, frozen=True):
    """Events by the first days of their months; a month without any may be missing. `to_keep`: what had better be kept,
    in a transaction that writes (`keep_activity`).
    """

    events: Mapping[date, int]
    to_keep: Kept | None


class _Behind(Struct, frozen=True):
    changes: int


class _Since(Struct, frozen=True):
    month: date
    events: int
    final: int


class _Month(Struct, frozen=True):
    month: date
    events: int


async def read_activity(snapshot: Transaction, zone: str, *, upto: int) -> Activity:
    """The living events of the company by month in this zone, as the snapshot sees them. `upto`: the journal's horizon,
    which was reached before the snapshot was taken.
    """
    kept = await snapshot.maybe(Kept, _KEPT)
    if kept is None or kept.time_zone != zone or kept.upto < await swept_up_to(snapshot):
        return await _count(snapshot, zone, upto=upto)
    behind = (await snapshot.one(_Behind, _BEHIND, after=kept.upto, most=MOST_SINCE)).changes
    if behind == MOST_SINCE:
        return await _count(snapshot, zone, upto=upto)
    since = await snapshot.all(_Since, _SINCE, after=kept.upto, upto=upto, zone=zone) if behind else []
    before = dict(zip(kept.months, kept.events, strict=True))
    now = _sum(before, {row.month: row.events for row in since})
    if behind < _KEEP_FROM or upto <= kept.upto:
        return Activity(now, None)
    return Activity(now, _to_keep(zone, upto, _sum(before, {row.month: row.final for row in since})))


async def keep_activity(transaction: Transaction, kept: Kept) -> None:
    await transaction.run(_KEEP, time_zone=kept.time_zone, upto=kept.upto, months=kept.months, events=kept.events)


async def _count(snapshot: Transaction, zone: str, *, upto: int) -> Activity:
    """From the events themselves. At the horizon there was what there is, but for what came since."""
    now = {row.month: row.events for row in await snapshot.all(_Month, _ALL, zone=zone)}
    since = await snapshot.all(_Since, _SINCE, after=upto, upto=upto, zone=zone)
    return Activity(now, _to_keep(zone, upto, _sum(now, {row.month: -row.events for row in since})))


def _sum(one: Mapping[date, int], other: Mapping[date, int]) -> dict[date, int]:
    return {month: one.get(month, 0) + other.get(month, 0) for month in one.keys() | other.keys()}


def _to_keep(zone: str, upto: int, events: Mapping[date, int]) -> Kept:
    months = sorted(events)
    return Kept(zone, upto, months, [events[month] for month in months])
