"""The stretches of the journal that a subscription is to be told: see migration 0019."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from kronika.db.statements import Transaction

_OPEN: Final = """
INSERT INTO webhook_stretches (company_id, subscription_id, events, cursor)
VALUES (%(company_id)s, %(subscription_id)s, %(events)s, %(cursor)s)
"""
# Who sends may know a horizon beyond ours.
_CLOSE: Final = """
UPDATE webhook_stretches SET upto = greatest(cursor, %(at)s)
WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s AND upto IS NULL
RETURNING id, upto
"""
# Where it does not end at a horizon, what comes into it later comes after its subscription was set inactive.
_DELETE_EMPTY: Final = """
DELETE FROM webhook_stretches s
WHERE s.company_id = %(company_id)s AND s.subscription_id = %(subscription_id)s AND s.id = %(id)s
    AND NOT EXISTS (
        SELECT FROM changes c
        WHERE c.company_id = %(company_id)s AND c.position > s.cursor AND c.position <= s.upto)
"""
_DELETE_ALL: Final = """
DELETE FROM webhook_stretches WHERE company_id = %(company_id)s AND subscription_id = %(subscription_id)s
"""


class Closed(Struct, frozen=True):
    """A stretch that has got an end."""

    id: int
    upto: int


async def open_stretch(transaction: Transaction, subscription_id: int, events: list[str], cursor: int) -> None:
    """From behind the cursor, and without an end."""
    await transaction.run(_OPEN, subscription_id=subscription_id, events=events, cursor=cursor)


async def close_stretch(transaction: Transaction, subscription_id: int, at: int) -> Closed | None:
    """Ends the one without an end here, or where it has come to if that is further."""
    return await transaction.maybe(Closed, _CLOSE, subscription_id=subscription_id, at=at)


async def delete_stretch_if_empty(transaction: Transaction, subscription_id: int, stretch_id: int) -> None:
    """One that has an end and nothing left to tell. Otherwise who switches on and off for ever would heap them up."""
    await transaction.run(_DELETE_EMPTY, subscription_id=subscription_id, id=stretch_id)


async def delete_stretches(transaction: Transaction, subscription_id: int) -> None:
    await transaction.run(_DELETE_ALL, subscription_id=subscription_id)
