from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from kronika.db.statements import Transaction
from kronika.input.normalise import LARGEST_INTEGER
from kronika.webhooks.delivery_models import MOST_ASKED, TEST_TYPE, Asked, Delivery, Replay, State

_COLUMNS: Final = """
    id, change_id, type, resource_id, occurred_at, cause, state, to_jsonb(attempts)::text AS attempts, next_attempt_at,
    created_at
"""
_OF_SUBSCRIPTION: Final = (
    "SELECT" + _COLUMNS + "FROM webhook_deliveries"
    " WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s"
)
_NEWEST: Final = " AND id < %(before)s ORDER BY id DESC LIMIT %(most)s"
_LIST: Final = _OF_SUBSCRIPTION + _NEWEST
_LIST_DELIVERED: Final = _OF_SUBSCRIPTION + " AND state = 'delivered'" + _NEWEST
# The second condition is the index's own: a plan that is made for all values does not see it in the first.
_LIST_TROUBLED: Final = _OF_SUBSCRIPTION + " AND state = %(state)s AND state <> 'delivered'" + _NEWEST
_FIND: Final = _OF_SUBSCRIPTION + " AND id = %(id)s"

# No more than so many of the newest are looked at: what nobody sends is not counted through.
_COUNT_ASKED: Final = """
SELECT count(*) FILTER (WHERE cause <> 'change' AND attempts = '{}') AS asked FROM (
    SELECT cause, attempts FROM webhook_deliveries
    WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s
        AND state = 'pending' AND state <> 'delivered'
    ORDER BY id DESC LIMIT %(most)s) newest
"""
_INSERT: Final = """
INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at, state,
                                attempts, next_attempt_at, created_at)
"""
_INSERT_AGAIN: Final = (
    _INSERT
    + """
SELECT company_id, subscription_id, CASE cause WHEN 'test' THEN 'test' ELSE 'replay' END, change_id, type, resource_id,
    occurred_at, 'pending', '{}', clock(), clock()
FROM webhook_deliveries WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s AND id = %(id)s
RETURNING"""
    + _COLUMNS
)
_INSERT_TEST: Final = (
    _INSERT
    + """
VALUES (%(company_id)s, %(subscription_id)s, 'test', gen_random_uuid(), %(type)s, %(subscription_id)s, clock(),
        'pending', '{}', clock(), clock())
RETURNING"""
    + _COLUMNS
)

_REPLAYS: Final = """
SELECT id, occurred_from, occurred_before, events FROM webhook_stretches
WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s AND occurred_from IS NOT NULL
    AND cursor < upto
ORDER BY id
"""
# None where the range is empty, which only the clock can tell when it has no end of its own. What was swept away needs
# not be passed over; where all of the journal up to the horizon was, the stretch is done before it begins.
_INSERT_REPLAY: Final = """
INSERT INTO webhook_stretches (company_id, subscription_id, events, cursor, upto, occurred_from, occurred_before)
SELECT %(company_id)s, %(subscription_id)s, %(events)s::text[], c.changes_swept, greatest(%(upto)s, c.changes_swept),
    %(begin)s, asked.before
FROM companies c, (SELECT coalesce(%(end)s::timestamptz, clock()) AS before) asked
WHERE c.id = %(company_id)s AND asked.before > %(begin)s
RETURNING id, occurred_from, occurred_before, events
"""
# It ends where it is, and who sends takes it away: what he has under way of it is still to be recorded.
_END_REPLAY: Final = """
UPDATE webhook_stretches SET upto = cursor
WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s AND id = %(id)s
    AND occurred_from IS NOT NULL AND cursor < upto
"""


class _Asked(Struct, frozen=True):
    asked: int


async def deliveries_before(
    transaction: Transaction, subscription_id: int, *, before: int | None, most: int, state: State | None
) -> list[Delivery]:
    """The newest of those that are older than the delivery `before`."""
    statement = _LIST if state is None else _LIST_DELIVERED if state == "delivered" else _LIST_TROUBLED
    return await transaction.all(
        Delivery,
        statement,
        subscription_id=subscription_id,
        before=before or LARGEST_INTEGER,
        most=most,
        state=state,
    )


async def find_delivery(transaction: Transaction, subscription_id: int, delivery_id: int) -> Delivery | None:
    return await transaction.maybe(Delivery, _FIND, subscription_id=subscription_id, id=delivery_id)


async def count_asked(transaction: Transaction, subscription_id: int) -> int:
    """How many deliveries that were asked for wait for their first attempt; MOST_ASKED where it is no fewer."""
    counted = await transaction.one(_Asked, _COUNT_ASKED, subscription_id=subscription_id, most=MOST_ASKED)
    return counted.asked


async def insert_delivery_again(transaction: Transaction, subscription_id: int, delivery_id: int) -> Delivery:
    """A delivery that tells the same as one that is there, due now."""
    return await transaction.one(Delivery, _INSERT_AGAIN, subscription_id=subscription_id, id=delivery_id)


async def insert_test_delivery(transaction: Transaction, subscription_id: int) -> Delivery:
    return await transaction.one(Delivery, _INSERT_TEST, subscription_id=subscription_id, type=TEST_TYPE)


async def replays_of(transaction: Transaction, subscription_id: int) -> list[Replay]:
    """Those that are not finished, the oldest first."""
    return await transaction.all(Replay, _REPLAYS, subscription_id=subscription_id)


async def insert_replay(
    transaction: Transaction, subscription_id: int, asked: Asked, events: Sequence[str], *, upto: int
) -> Replay | None:
    """A replay of the journal up to the horizon `upto`; None: its range ends before it begins."""
    return await transaction.maybe(
        Replay,
        _INSERT_REPLAY,
        subscription_id=subscription_id,
        events=list(events),
        upto=upto,
        begin=asked.begin,
        end=asked.end,
    )


async def end_replay(transaction: Transaction, subscription_id: int, replay_id: int) -> bool:
    """Whether there was one."""
    return bool(await transaction.run(_END_REPLAY, subscription_id=subscription_id, id=replay_id))
