from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.requests import Draft, change, create, path_id, remove
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.webhooks import actions, queries
from kronika.webhooks.around import look_around
from kronika.webhooks.input import SUBSCRIPTION_FIELDS, new_subscription
from kronika.webhooks.models import (
    SUBSCRIPTIONS,
    Subscription,
    WebhookSubscriptionView,
    WebhookSubscriptionWithSecretView,
    secret_view,
    subscription_view,
)


class WebhookSubscriptionList(Struct, frozen=True):
    data: list[WebhookSubscriptionView]


async def list_subscriptions(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        subscriptions = await queries.list_subscriptions(transaction)
    return json_response(WebhookSubscriptionList([_view(each, who) for each in subscriptions]))


async def create_subscription(request: Request) -> Response:
    async def prepare(draft: Draft) -> int:
        return await _look_around(request, draft)

    async def work(transaction: Transaction, who: Admission, draft: Draft) -> WebhookSubscriptionWithSecretView:
        new = new_subscription(draft.judged())
        sealer = services(request).sealer
        subscription, secret = await actions.create_subscription(transaction, new, sealer, horizon=draft.prepared)
        return secret_view(_view(subscription, who), secret)

    return await create(request, SUBSCRIPTION_FIELDS, work, prepare=prepare, lane=SUBSCRIPTIONS, sealed=True)


async def show_subscription(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await queries.find_subscription(transaction, path_id(request, "id"))
    if subscription is None:
        raise NotFound
    return json_response(_view(subscription, who))


async def replace_subscription(request: Request) -> Response:
    async def prepare(draft: Draft) -> int:
        return await _look_around(request, draft)

    async def work(
        transaction: Transaction, who: Admission, subscription: Subscription, draft: Draft
    ) -> WebhookSubscriptionView:
        wanted = new_subscription(draft.judged())
        changed = await actions.replace_subscription(transaction, subscription, wanted, horizon=draft.prepared)
        return _view(changed, who)

    return await change(request, SUBSCRIPTION_FIELDS, queries.lock_subscription, work, prepare=prepare)


async def remove_subscription(request: Request) -> Response:
    async def work(transaction: Transaction, subscription_id: int, _: Admission) -> None:
        await actions.remove_subscription(transaction, subscription_id)

    return await remove(request, work)


async def rotate_secret(request: Request) -> Response:
    who = await admit(request, needs_write=True)
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await queries.lock_subscription(transaction, path_id(request, "id"))
        if subscription is None:
            raise NotFound
        rotated, secret = await actions.rotate_secret(transaction, subscription, services(request).sealer)
    return json_response(secret_view(_view(rotated, who), secret))


async def _look_around(request: Request, draft: Draft) -> int:
    tools = services(request)
    return await look_around(
        tools.database, tools.horizon, tools.sender, url=draft.values["url"], complaints=draft.complaints
    )


def _view(subscription: Subscription, who: Admission) -> WebhookSubscriptionView:
    return subscription_view(subscription, who.company_id, who.zone)
