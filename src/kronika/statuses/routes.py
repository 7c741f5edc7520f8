"""The routes of statuses, without their deletion: it moves business cases, and so it is in `cases/routes.py`."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.requests import Draft, change, create, path_id
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.statuses import actions, queries
from kronika.statuses.input import PLACE_FIELDS, STATUS_FIELDS, new_status
from kronika.statuses.models import BOARD, StatusView


class StatusList(Struct, frozen=True):
    data: list[StatusView]


async def list_statuses(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        statuses = await queries.list_statuses(transaction)
    return json_response(StatusList(statuses))


async def create_status(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> StatusView:
        return await actions.create_status(transaction, new_status(draft.judged()), token_actor(who.token_id))

    return await create(request, STATUS_FIELDS, work, lane=BOARD)


async def show_status(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        status = await queries.find_status(transaction, path_id(request, "id"))
    if status is None:
        raise NotFound
    return json_response(status)


async def update_status(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, status: StatusView, draft: Draft) -> StatusView:
        changed = new_status(draft.judged())
        return await actions.update_status(transaction, status, changed, token_actor(who.token_id))

    return await change(request, STATUS_FIELDS, queries.lock_status, work)


async def move_status(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, status: StatusView, draft: Draft) -> StatusView:
        place = draft.judged()["position"]
        return await actions.move_status(transaction, status, place, token_actor(who.token_id))

    return await change(request, PLACE_FIELDS, actions.status_to_move, work, lane=BOARD)
