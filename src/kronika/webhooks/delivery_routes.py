"""The delivery log of a subscription, and sending again. Not in the contract: Kronika's own."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.lists import read_list_query
from kronika.http.requests import Draft, create, create_bare, path_id, remove
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.webhooks import delivery_actions as actions
from kronika.webhooks import delivery_queries as queries
from kronika.webhooks.delivery_input import DEFAULT_DELIVERIES, LOG_FIELDS, REPLAY_FIELDS, asked_replay, judge_replay
from kronika.webhooks.delivery_models import DeliveryView, ReplayView, delivery_view, replay_view
from kronika.webhooks.models import SUBSCRIPTIONS
from kronika.webhooks.queries import find_subscription


class DeliveryList(Struct, frozen=True):
    """`next` is the `before` to go on with; `more`: there are older ones."""

    data: list[DeliveryView]
    next: int | None
    more: bool


class ReplayList(Struct, frozen=True):
    data: list[ReplayView]


async def list_deliveries(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    subscription_id = path_id(request, "id")
    values = read_list_query(request, LOG_FIELDS)
    limit = values["limit"] or DEFAULT_DELIVERIES
    async with services(request).database.transaction(who.company_id) as transaction:
        if await find_subscription(transaction, subscription_id) is None:
            raise NotFound
        # One more than is shown tells whether there is more.
        found = await queries.deliveries_before(
            transaction, subscription_id, before=values["before"], most=limit + 1, state=values["state"]
        )
    shown, more = found[:limit], len(found) > limit
    data = [delivery_view(delivery, who.zone) for delivery in shown]
    return json_response(DeliveryList(data, shown[-1].id if more else None, more))


async def show_delivery(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    subscription_id, delivery_id = path_id(request, "id"), path_id(request, "delivery")
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await find_subscription(transaction, subscription_id)
        delivery = await queries.find_delivery(transaction, subscription_id, delivery_id)
    if subscription is None or delivery is None:
        raise NotFound
    return json_response(delivery_view(delivery, who.zone))


async def replay_delivery(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission) -> DeliveryView:
        ids = path_id(request, "id"), path_id(request, "delivery")
        return delivery_view(await actions.replay_delivery(transaction, *ids), who.zone)

    return await create_bare(request, work, lane=SUBSCRIPTIONS)


async def send_test_delivery(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission) -> DeliveryView:
        return delivery_view(await actions.send_test(transaction, path_id(request, "id")), who.zone)

    return await create_bare(request, work, lane=SUBSCRIPTIONS)


async def list_replays(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    subscription_id = path_id(request, "id")
    async with services(request).database.transaction(who.company_id) as transaction:
        if await find_subscription(transaction, subscription_id) is None:
            raise NotFound
        replays = await queries.replays_of(transaction, subscription_id)
    return json_response(ReplayList([replay_view(replay, who.zone) for replay in replays]))


async def create_replay(request: Request) -> Response:
    # Asked before the transaction, which would hold the horizon back itself.
    async def reach_horizon(_: Draft) -> int:
        return await services(request).horizon.reach(services(request).database)

    async def work(transaction: Transaction, who: Admission, draft: Draft) -> ReplayView:
        subscription = await actions.hold(transaction, path_id(request, "id"))
        judge_replay(draft.values, draft.complaints)
        replay = await actions.replay_range(
            transaction,
            subscription,
            asked_replay(draft.values),
            upto=draft.prepared,
            complaints=draft.complaints,
        )
        return replay_view(replay, who.zone)

    return await create(request, REPLAY_FIELDS, work, prepare=reach_horizon, lane=SUBSCRIPTIONS)


async def stop_replay(request: Request) -> Response:
    async def work(transaction: Transaction, subscription_id: int, _: Admission) -> None:
        await actions.stop_replay(transaction, subscription_id, path_id(request, "replay"))

    return await remove(request, work)
