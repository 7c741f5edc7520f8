from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from kronika.db.statements import Transaction
from kronika.webhooks.models import NewSubscription, Subscription

# Who adds one counts first: two at once would both find room for the last.
_LOCK_LIST: Final = "SELECT pg_advisory_xact_lock(hashtextextended('webhook subscriptions ' || %(company_id)s, 0))"
_COUNT: Final = """
SELECT count(*) AS count FROM webhook_subscriptions WHERE company_id = %(company_id)s AND deleted_at IS NULL
"""
_NEXT_ID: Final = "SELECT nextval('webhook_subscription_ids') AS id"

_LIVING: Final = """
SELECT s.id, s.name, s.url, s.is_active, s.events, t.last_success_at, t.last_failure_at, s.created_at, s.updated_at
FROM webhook_subscriptions s
JOIN webhook_states t ON t.company_id = %(company_id)s AND t.subscription_id = s.id
WHERE s.company_id = %(company_id)s AND s.deleted_at IS NULL
"""
_LIST: Final = _LIVING + "ORDER BY s.id"
_FIND: Final = _LIVING + "AND s.id = %(id)s"
# All that its owner does to a subscription waits here. Who records deliveries does not: their foreign key holds the row
# FOR KEY SHARE, and with FOR UPDATE the two could wait for each other for ever.
_LOCK: Final = _FIND + " FOR NO KEY UPDATE OF s"

_INSERT: Final = """
INSERT INTO webhook_subscriptions (company_id, id, name, url, is_active, events, sealed_secret, created_at, updated_at)
VALUES (%(company_id)s, %(id)s, %(name)s, %(url)s, %(is_active)s, %(events)s, %(sealed_secret)s,
        date_trunc('second', clock()), date_trunc('second', clock()))
"""
_INSERT_STATE: Final = """
INSERT INTO webhook_states (company_id, subscription_id, is_active) VALUES (%(company_id)s, %(id)s, %(is_active)s)
"""
_REPLACE: Final = """
UPDATE webhook_subscriptions
SET name = %(name)s, url = %(url)s, is_active = %(is_active)s, events = %(events)s,
    updated_at = date_trunc('second', clock())
WHERE company_id = %(company_id)s AND id = %(id)s
"""
_REPLACE_SECRET: Final = """
UPDATE webhook_subscriptions SET sealed_secret = %(sealed_secret)s, updated_at = date_trunc('second', clock())
WHERE company_id = %(company_id)s AND id = %(id)s
"""
_SET_ACTIVE: Final = """
UPDATE webhook_states SET is_active = %(is_active)s WHERE company_id = %(company_id)s AND subscription_id = %(id)s
"""
_DELETE: Final = """
UPDATE webhook_subscriptions SET deleted_at = clock(), sealed_secret = NULL
WHERE company_id = %(company_id)s AND id = %(id)s
"""
_DELETE_STATE: Final = """
UPDATE webhook_states SET is_deleted = true WHERE company_id = %(company_id)s AND subscription_id = %(id)s
"""


class _Count(Struct, frozen=True):
    count: int


class _Id(Struct, frozen=True):
    id: int


async def lock_list(transaction: Transaction) -> None:
    """Keeps the company's list of subscriptions for this transaction alone. To be taken first."""
    await transaction.run(_LOCK_LIST)


async def count_subscriptions(transaction: Transaction) -> int:
    return (await transaction.one(_Count, _COUNT)).count


async def next_subscription_id(transaction: Transaction) -> int:
    """The id of the next subscription: its secret is sealed with it."""
    return (await transaction.one(_Id, _NEXT_ID)).id


async def list_subscriptions(transaction: Transaction) -> list[Subscription]:
    """All of them, in the order they were made."""
    return await transaction.all(Subscription, _LIST)


async def find_subscription(transaction: Transaction, subscription_id: int) -> Subscription | None:
    return await transaction.maybe(Subscription, _FIND, id=subscription_id)


async def lock_subscription(transaction: Transaction, subscription_id: int) -> Subscription | None:
    """The subscription, held until the transaction ends."""
    return await transaction.maybe(Subscription, _LOCK, id=subscription_id)


async def insert_subscription(
    transaction: Transaction, subscription_id: int, new: NewSubscription, sealed_secret: bytes
) -> None:
    """The subscription without its state."""
    await transaction.run(_INSERT, id=subscription_id, sealed_secret=sealed_secret, **msgspec.structs.asdict(new))


async def insert_state(transaction: Transaction, subscription_id: int, *, is_active: bool) -> None:
    await transaction.run(_INSERT_STATE, id=subscription_id, is_active=is_active)


async def replace_subscription(transaction: Transaction, subscription_id: int, wanted: NewSubscription) -> None:
    """What it says. Its state and its stretches are the caller's."""
    await transaction.run(_REPLACE, id=subscription_id, **msgspec.structs.asdict(wanted))


async def replace_secret(transaction: Transaction, subscription_id: int, sealed_secret: bytes) -> None:
    await transaction.run(_REPLACE_SECRET, id=subscription_id, sealed_secret=sealed_secret)


async def set_active(transaction: Transaction, subscription_id: int, *, is_active: bool) -> None:
    """What its state says, which is held from here on against those who send."""
    await transaction.run(_SET_ACTIVE, id=subscription_id, is_active=is_active)


async def delete_subscription(transaction: Transaction, subscription_id: int) -> None:
    """Takes it away, and its secret for good; the row stays."""
    await transaction.run(_DELETE, id=subscription_id)


async def delete_state(transaction: Transaction, subscription_id: int) -> None:
    await transaction.run(_DELETE_STATE, id=subscription_id)
