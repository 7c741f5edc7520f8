"""Sending again what was sent, and sending to see whether it arrives. Who sends it finds it in the tables."""

from __future__ import annotations

from kronika.db.statements import Transaction
from kronika.errors import Complaints, Invalid, NotFound
from kronika.webhooks import delivery_queries as queries
from kronika.webhooks.delivery_models import MOST_ASKED, MOST_REPLAYS, Asked, Delivery, Replay
from kronika.webhooks.models import Subscription
from kronika.webhooks.queries import lock_subscription


async def replay_delivery(transaction: Transaction, subscription_id: int, delivery_id: int) -> Delivery:
    """A new delivery with the id and the payload of one that is there.

    Raises NotFound. Invalid: the subscription is not active, or too many that were asked for wait.
    """
    subscription = await hold(transaction, subscription_id)
    delivery = await queries.find_delivery(transaction, subscription_id, delivery_id)
    if delivery is None:
        raise NotFound
    complaints = Complaints()
    if delivery.cause != "test":
        _judge_active(subscription, complaints)
    await _judge_asked(transaction, subscription, complaints)
    transaction.has_changed = True
    return await queries.insert_delivery_again(transaction, subscription_id, delivery_id)


async def send_test(transaction: Transaction, subscription_id: int) -> Delivery:
    """A delivery that tells of nothing; it goes out, once, though the subscription is not active.

    Raises NotFound. Invalid: too many that were asked for wait.
    """
    subscription = await hold(transaction, subscription_id)
    await _judge_asked(transaction, subscription, Complaints())
    transaction.has_changed = True
    return await queries.insert_test_delivery(transaction, subscription_id)


async def replay_range(
    transaction: Transaction, subscription: Subscription, asked: Asked, *, upto: int, complaints: Complaints
) -> Replay:
    """Everything of a range of time again, as far as the journal has it up to the horizon `upto`.

    The caller holds the subscription. Raises Invalid: there have been complaints, the range is empty, or there are too
    many replays.
    """
    _judge_active(subscription, complaints)
    if len(await queries.replays_of(transaction, subscription.id)) >= MOST_REPLAYS:
        complaints.add("replays", "replays_at_most", MOST_REPLAYS)
    if complaints:
        raise Invalid(complaints)
    replay = await queries.insert_replay(
        transaction, subscription.id, asked, asked.events or subscription.events, upto=upto
    )
    if replay is None:
        complaints.add("from", "before_the_end")
        raise Invalid(complaints)
    transaction.has_changed = True
    return replay


async def stop_replay(transaction: Transaction, subscription_id: int, replay_id: int) -> None:
    """Nothing more of it is begun; what has been tried goes on.

    Raises NotFound: there is none, or it is finished.
    """
    await hold(transaction, subscription_id)
    if not await queries.end_replay(transaction, subscription_id, replay_id):
        raise NotFound


async def hold(transaction: Transaction, subscription_id: int) -> Subscription:
    """The subscription, held until the transaction ends.

    Raises NotFound.
    """
    subscription = await lock_subscription(transaction, subscription_id)
    if subscription is None:
        raise NotFound
    return subscription


def _judge_active(subscription: Subscription, complaints: Complaints) -> None:
    if not subscription.is_active:
        complaints.add("isActive", "subscription_inactive")


async def _judge_asked(transaction: Transaction, subscription: Subscription, complaints: Complaints) -> None:
    if await queries.count_asked(transaction, subscription.id) >= MOST_ASKED:
        complaints.add("deliveries", "asked_deliveries_at_most", MOST_ASKED)
    if complaints:
        raise Invalid(complaints)
