"""What the owner of a subscription does to it.

Rows are locked in one order, by whoever sends too: the subscription, its state, its stretches, its deliveries. So a
sender that holds the state while it records outcomes and a change wait for each other, and neither overtakes.
"""

from __future__ import annotations

from kronika.changes.journal import last_drawn
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Invalid, NotFound
from kronika.sealing import Sealer
from kronika.webhooks import queries, stretch_queries
from kronika.webhooks.models import MOST_SUBSCRIPTIONS, NewSubscription, Subscription
from kronika.webhooks.secrets import new_secret, secret_about


async def create_subscription(
    transaction: Transaction, new: NewSubscription, sealer: Sealer, *, horizon: int
) -> tuple[Subscription, str]:
    """A subscription with its secret. It is told what happens behind the horizon.

    Raises Invalid: the company has as many as it may.
    """
    await queries.lock_list(transaction)
    if await queries.count_subscriptions(transaction) >= MOST_SUBSCRIPTIONS:
        complaints = Complaints()
        complaints.add("url", "subscriptions_at_most", MOST_SUBSCRIPTIONS)
        raise Invalid(complaints)
    subscription_id = await queries.next_subscription_id(transaction)
    secret, sealed = _sealed_secret(transaction, subscription_id, sealer)
    await queries.insert_subscription(transaction, subscription_id, new, sealed)
    await queries.insert_state(transaction, subscription_id, is_active=new.is_active)
    if new.is_active:
        await stretch_queries.open_stretch(transaction, subscription_id, new.events, horizon)
    transaction.has_changed = True
    return await _shown(transaction, subscription_id), secret


async def replace_subscription(
    transaction: Transaction, subscription: Subscription, wanted: NewSubscription, *, horizon: int
) -> Subscription:
    """Gives a held subscription all it is to say. The same again is no change.

    What happened before it is still told as it wanted it then; what happens while it is not active, never.
    """
    if all(getattr(subscription, name) == getattr(wanted, name) for name in NewSubscription.__struct_fields__):
        return subscription
    await queries.replace_subscription(transaction, subscription.id, wanted)
    if (subscription.is_active, set(subscription.events)) != (wanted.is_active, set(wanted.events)):
        await _tell_from_now_on(transaction, subscription.id, wanted, horizon)
    transaction.has_changed = True
    return await _shown(transaction, subscription.id)


async def rotate_secret(
    transaction: Transaction, subscription: Subscription, sealer: Sealer
) -> tuple[Subscription, str]:
    """Gives a held subscription another secret. What is sent from now on is signed with it."""
    secret, sealed = _sealed_secret(transaction, subscription.id, sealer)
    await queries.replace_secret(transaction, subscription.id, sealed)
    return await _shown(transaction, subscription.id), secret


async def remove_subscription(transaction: Transaction, subscription_id: int) -> None:
    """It is told nothing any more. What was to be told to it stays as it is, however much that is, until it is swept.

    Raises NotFound.
    """
    if await queries.lock_subscription(transaction, subscription_id) is None:
        raise NotFound
    await queries.delete_subscription(transaction, subscription_id)
    await queries.delete_state(transaction, subscription_id)
    await stretch_queries.delete_stretches(transaction, subscription_id)


async def _tell_from_now_on(
    transaction: Transaction, subscription_id: int, wanted: NewSubscription, horizon: int
) -> None:
    await queries.set_active(transaction, subscription_id, is_active=wanted.is_active)
    # A horizon that a long writer holds back would lose what has happened since, where nothing goes on from there; what
    # numbers have been drawn is no less. Where something does, it is told what it wants from the horizon on.
    end = horizon if wanted.is_active else await last_drawn(transaction)
    closed = await stretch_queries.close_stretch(transaction, subscription_id, end)
    if closed is not None:
        await stretch_queries.delete_stretch_if_empty(transaction, subscription_id, closed.id)
    if wanted.is_active:
        begin = horizon if closed is None else closed.upto
        await stretch_queries.open_stretch(transaction, subscription_id, wanted.events, begin)


def _sealed_secret(transaction: Transaction, subscription_id: int, sealer: Sealer) -> tuple[str, bytes]:
    """A fresh secret, plain and as it is kept."""
    secret = new_secret()
    return secret, sealer.seal(secret.encode(), secret_about(transaction.company_id, subscription_id))


async def _shown(transaction: Transaction, subscription_id: int) -> Subscription:
    found = await queries.find_subscription(transaction, subscription_id)
    assert found is not None
    return found
