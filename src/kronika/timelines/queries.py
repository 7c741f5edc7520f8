from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from kronika.db.statements import Found, Transaction
from kronika.errors import Complaints
from kronika.input.fields import parse_integer
from kronika.input.normalise import Json
from kronika.timelines.models import TARGET_FIELDS, Target

_EXISTS: Final = """
SELECT EXISTS (
    SELECT FROM timelines WHERE company_id = %(company_id)s AND id = %(id)s AND kind = %(kind)s AND deleted_at IS NULL
) AS found
"""

# In the order of their ids, as everybody who locks several timelines must. The sweep takes their words away: see 0029.
_END_TIMELINES: Final = """
WITH ended AS (
    UPDATE timelines t SET deleted_at = clock()
    FROM (
        SELECT id FROM timelines WHERE company_id = %(company_id)s AND id = ANY (%(ids)s::bigint[])
        ORDER BY id FOR NO KEY UPDATE
    ) ending
    WHERE t.company_id = %(company_id)s AND t.id = ending.id
    RETURNING t.id
)
INSERT INTO ended_timelines (company_id, timeline_id) SELECT %(company_id)s, id FROM ended
"""
# Whole blocks from their counts, and of the block that a moment lies in, its events before it. A block of a few hundred
# is all that is read of a timeline for each moment, however long it is.
_EVENTS_BEFORE: Final = """
WITH blocks AS (
    SELECT starts_at, starts_id, tally(counts, NULL) AS n FROM timeline_blocks
    WHERE company_id = %(company_id)s AND timeline_id = %(id)s
    UNION ALL
    SELECT tail_at, tail_id, tally(tail_counts, NULL) FROM timelines
    WHERE company_id = %(company_id)s AND id = %(id)s
), summed AS MATERIALIZED (
    SELECT starts_at, starts_id, sum(n) OVER (ORDER BY starts_at, starts_id) - n AS earlier FROM blocks
)
SELECT coalesce(array_agg(block.earlier + inside.n ORDER BY moment.place), '{}')::bigint[] AS numbers
FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS moment (at, place)
CROSS JOIN LATERAL (
    SELECT * FROM summed WHERE starts_at < moment.at ORDER BY starts_at DESC, starts_id DESC LIMIT 1) block
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM events
    WHERE company_id = %(company_id)s AND timeline_id = %(id)s AND deleted_at IS NULL
        AND (created_at, id) >= (block.starts_at, block.starts_id) AND created_at < moment.at) inside
"""


class _Numbers(Struct, frozen=True):
    numbers: list[int]


async def events_before(transaction: Transaction, timeline_id: int, moments: Sequence[datetime]) -> list[int]:
    """How many events the timeline has from before each of these moments."""
    return (await transaction.one(_Numbers, _EVENTS_BEFORE, id=timeline_id, moments=list(moments))).numbers


async def target_exists(transaction: Transaction, target: Target) -> bool:
    return (await transaction.one(Found, _EXISTS, id=target.id, kind=target.kind)).found


async def judge_targets_exist(transaction: Transaction, payload: Mapping[str, Json], complaints: Complaints) -> None:
    """Complains about those that are named and are not there; nothing is said twice of one field."""
    for field, kind in TARGET_FIELDS.items():
        target_id = parse_integer(payload.get(field))
        if target_id is None or field in complaints:
            continue
        if not await target_exists(transaction, Target(kind, target_id)):
            complaints.add(field, "unknown")


async def end_timelines(transaction: Transaction, ids: Sequence[int]) -> None:
    """From here on nothing is recorded on them. Comes last: whoever records an event waits for their rows."""
    await transaction.run(_END_TIMELINES, ids=list(ids))
