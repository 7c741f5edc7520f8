"""What a subscription has been told, what came of it, and telling it again; for the owners of its company."""

from __future__ import annotations

from typing import Any, get_args
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.errors import Complaints
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.fields import Field, choice, integer, parse_integer, read_members, required
from kronika.input.moments import local_time
from kronika.input.normalise import clean_text
from kronika.web.forms import Form
from kronika.web.integrations.webhook_pages import find, path_of
from kronika.web.once import do_once
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member
from kronika.webhooks import delivery_actions as actions
from kronika.webhooks import delivery_queries as queries
from kronika.webhooks.delivery_input import asked_replay, judge_replay
from kronika.webhooks.delivery_models import State, attempts_of

_AT_A_TIME = 50
_LOG_FIELDS: dict[str, Field[Any]] = {"before": integer(1), "state": choice(*get_args(State))}


async def show_subscription(request: Request, who: Member, form: Form) -> Response:
    # An address that says nothing that could be meant shows everything.
    asked = {name: clean_text(request.query_params.get(name, "")) for name in _LOG_FIELDS}
    wanted = read_members(_LOG_FIELDS, asked, Complaints())
    test_id = parse_integer(request.query_params.get("test", ""))
    async with services(request).database.transaction(who.company_id) as transaction:
        subscription = await find(transaction, request)
        deliveries = await queries.deliveries_before(
            transaction, subscription.id, before=wanted["before"], most=_AT_A_TIME + 1, state=wanted["state"]
        )
        replays = await queries.replays_of(transaction, subscription.id)
        test = await queries.find_delivery(transaction, subscription.id, test_id) if test_id else None
    return render(
        request,
        who,
        "integrations/webhook.html",
        form=form,
        subscription=subscription,
        here=path_of(who, subscription.id),
        deliveries=deliveries[:_AT_A_TIME],
        older=deliveries[_AT_A_TIME - 1].id if len(deliveries) > _AT_A_TIME else None,
        before=wanted["before"],
        state=wanted["state"],
        replays=replays,
        test=test if test and test.cause == "test" else None,
        attempts_of=attempts_of,
    )


async def do_send_test(request: Request, who: Member, _: Form) -> Response:
    subscription_id = path_id(request, "id")
    async with services(request).database.transaction(who.company_id) as transaction:
        delivery = await actions.send_test(transaction, subscription_id)
    return go_to(path_of(who, subscription_id), test=delivery.id)


async def do_replay_delivery(request: Request, who: Member, _: Form) -> Response:
    subscription_id = path_id(request, "id")
    async with services(request).database.transaction(who.company_id) as transaction:
        await actions.replay_delivery(transaction, subscription_id, path_id(request, "delivery"))
    return go_to(path_of(who, subscription_id), done="delivery_again")


async def do_replay_range(request: Request, who: Member, form: Form) -> Response:
    values = {**form.read(_range_fields(who.company.zone)), "subscribedEvents": None}
    judge_replay(values, form.complaints)
    form.judge()
    tools = services(request)
    # Asked before the transaction, which would hold the horizon back itself.
    upto = await tools.horizon.reach(tools.database)
    subscription_id = path_id(request, "id")

    async def work(transaction: Transaction) -> None:
        subscription = await actions.hold(transaction, subscription_id)
        asked = asked_replay(values)
        await actions.replay_range(transaction, subscription, asked, upto=upto, complaints=form.complaints)

    await do_once(request, who, form, type(None), work)
    return go_to(path_of(who, subscription_id), done="replay_begun")


async def do_stop_replay(request: Request, who: Member, _: Form) -> Response:
    subscription_id = path_id(request, "id")
    async with services(request).database.transaction(who.company_id) as transaction:
        await actions.stop_replay(transaction, subscription_id, path_id(request, "replay"))
    return go_to(path_of(who, subscription_id), done="replay_stopped")


def _range_fields(zone: ZoneInfo) -> dict[str, Field[Any]]:
    return {"from": required(local_time(zone)), "to": local_time(zone)}
