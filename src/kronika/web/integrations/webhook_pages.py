"""The webhook subscriptions of a company, for its owners: which there are, and what they say."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.normalise import Json
from kronika.web.forms import Form, judge_repeated, judge_seen, trace
from kronika.web.integrations.event_groups import GROUPS, GROUPS_ELSEWHERE
from kronika.web.once import do_once
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member
from kronika.webhooks import actions, queries
from kronika.webhooks.around import look_around
from kronika.webhooks.input import SUBSCRIPTION_FIELDS, new_subscription
from kronika.webhooks.models import SUBSCRIPTIONS, NewSubscription, Subscription


async def show_subscriptions(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        subscriptions = await queries.list_subscriptions(transaction)
    return render(request, who, "integrations/webhooks.html", subscriptions=subscriptions)


async def show_new_subscription(request: Request, who: Member, form: Form) -> Response:
    return _show_form(request, who, form, None)


async def do_create_subscription(request: Request, who: Member, form: Form) -> Response:
    values, horizon = await _read(request, form)
    form.judge()
    new = new_subscription(values)

    async def work(transaction: Transaction) -> tuple[Subscription, str]:
        return await actions.create_subscription(transaction, new, services(request).sealer, horizon=horizon)

    kind = tuple[Subscription, str]
    subscription, secret = await do_once(request, who, form, kind, work, lane=SUBSCRIPTIONS, sealed=True)
    return render(
        request, who, "integrations/webhook_secret.html", subscription=subscription, secret=secret, is_new=True
    )


async def show_subscription_form(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await find(transaction, request)
    return _show_form(request, who, form, subscription)


async def do_change_subscription(request: Request, who: Member, form: Form) -> Response:
    values, horizon = await _read(request, form)
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await _lock(transaction, request)
        judge_seen(form, _said(subscription))
        form.judge()
        wanted = new_subscription(values)
        await actions.replace_subscription(transaction, subscription, wanted, horizon=horizon)
    return go_to(path_of(who, subscription.id), done="saved")


async def show_rotation(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await find(transaction, request)
    return render(request, who, "integrations/webhook_rotate.html", form=form, subscription=subscription)


async def do_rotate_secret(request: Request, who: Member, _: Form) -> Response:
    tools = services(request)
    async with tools.database.transaction(who.company_id) as transaction:
        subscription, secret = await actions.rotate_secret(transaction, await _lock(transaction, request), tools.sealer)
    return render(
        request, who, "integrations/webhook_secret.html", subscription=subscription, secret=secret, is_new=False
    )


async def show_deletion(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await find(transaction, request)
    return render(request, who, "integrations/webhook_delete.html", form=form, subscription=subscription)


async def do_delete_subscription(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await _lock(transaction, request)
        judge_repeated(form, "name", subscription.name, subscription.url)
        await actions.remove_subscription(transaction, subscription.id)
    return go_to(who.company.path + "/integrations/webhooks", done="subscription_removed")


async def find(transaction: Transaction, request: Request) -> Subscription:
    """The subscription in the path.

    Raises NotFound.
    """
    return _found(await queries.find_subscription(transaction, path_id(request, "id")))


def path_of(who: Member, subscription_id: int) -> str:
    """Where a subscription is shown."""
    return f"{who.company.path}/integrations/webhooks/{subscription_id}"


async def _lock(transaction: Transaction, request: Request) -> Subscription:
    return _found(await queries.lock_subscription(transaction, path_id(request, "id")))


def _found(subscription: Subscription | None) -> Subscription:
    if subscription is None:
        raise NotFound
    return subscription


async def _read(request: Request, form: Form) -> tuple[dict[str, Any], int]:
    """What the form says, and the horizon of the journal; adds what is wrong with it."""
    events: list[Json] = list(form.all("subscribedEvents"))
    values: dict[str, Any] = form.read(
        SUBSCRIPTION_FIELDS, isActive=form.text("isActive") == "1", subscribedEvents=events
    )
    tools = services(request)
    horizon = await look_around(
        tools.database, tools.horizon, tools.sender, url=values["url"], complaints=form.complaints
    )
    return values, horizon


def _said(subscription: Subscription) -> NewSubscription:
    """What its form changes, of all there is to it."""
    return NewSubscription(subscription.name, subscription.url, subscription.is_active, subscription.events)


def _show_form(request: Request, who: Member, form: Form, subscription: Subscription | None) -> Response:
    if form:
        is_active, events = form.text("isActive") == "1", form.all("subscribedEvents")
    else:
        is_active, events = (subscription.is_active, subscription.events) if subscription else (True, [])
    return render(
        request,
        who,
        "integrations/webhook_form.html",
        form=form,
        subscription=subscription,
        seen=trace(_said(subscription)) if subscription else None,
        is_active=is_active,
        events=set(events),
        groups=GROUPS,
        groups_elsewhere=GROUPS_ELSEWHERE,
        is_refused_here=any(
            complaint.code in {"url_https", "url_public"} for complaint in form.complaints.get("url", [])
        ),
    )
