"""How far a member has seen what happened in the company.

A visit goes on while he comes back within half an hour, in however many tabs; what was new when it began stays new
until it is over. What counts as shown lags by some seconds: of two who record at the same time, the one who took the
lower number may be seen later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, LiteralString

from msgspec import Struct

from kronika.db.statements import Transaction

# The last event that nothing will appear before any more.
_SETTLED: Final[LiteralString] = """coalesce((
    SELECT e.id FROM events e
    WHERE e.company_id = %(company_id)s AND e.created_at <= (SELECT clock()) - interval '10 seconds'
    ORDER BY e.id DESC LIMIT 1), 0)"""
_ENTER: Final[LiteralString] = (
    """
INSERT INTO home_visits AS v (company_id, user_id, shown_id, shown_at)
VALUES (%(company_id)s, %(user_id)s, """
    + _SETTLED
    + """, clock())
ON CONFLICT (company_id, user_id) DO UPDATE SET
    seen_id = CASE WHEN v.shown_at <= excluded.shown_at - interval '30 minutes' THEN v.shown_id ELSE v.seen_id END,
    seen_at = CASE WHEN v.shown_at <= excluded.shown_at - interval '30 minutes' THEN v.shown_at ELSE v.seen_at END,
    shown_id = greatest(v.shown_id, excluded.shown_id), shown_at = greatest(v.shown_at, excluded.shown_at)
RETURNING seen_id, seen_at
"""
)
_LOOKED: Final[LiteralString] = (
    """
UPDATE home_visits SET shown_id = greatest(shown_id, least(%(event_id)s::bigint, """
    + _SETTLED
    + """)), shown_at = greatest(shown_at, clock())
WHERE company_id = %(company_id)s AND user_id = %(user_id)s
"""
)


class Mark(Struct, frozen=True):
    """The last event that was there when the member's visit before ended, and when that was; None: there was none."""

    seen_id: int | None
    seen_at: datetime | None


async def enter_home(transaction: Transaction, user_id: int) -> Mark:
    """The member is shown what happened up to now; where his last visit ended."""
    return await transaction.one(Mark, _ENTER, user_id=user_id)


async def leave_home(transaction: Transaction, user_id: int, event_id: int) -> None:
    """The member has looked until now, and was shown everything up to this event."""
    await transaction.run(_LOOKED, user_id=user_id, event_id=event_id)
