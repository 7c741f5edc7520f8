"""The sandboxes of a company, for its owners."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.http.requests import path_id
from kronika.input.fields import LONGEST_LINE, Field, required, text
from kronika.users import sandboxes
from kronika.web.forms import Form
from kronika.web.once import do_once
from kronika.web.rendering import go_to, render
from kronika.web.transactions import members_transaction
from kronika.web.visitors import Member

_FIELDS: dict[str, Field[Any]] = {"name": required(text(characters=LONGEST_LINE))}


async def show_sandboxes(request: Request, who: Member, form: Form) -> Response:
    async with members_transaction(request, who) as transaction:
        parent = await sandboxes.parent_of(transaction)
        listed = [] if parent else await sandboxes.list_sandboxes(transaction)
    return render(
        request,
        who,
        "integrations/sandboxes.html",
        form=form,
        sandboxes=listed,
        is_sandbox=parent is not None,
        # Who is not in it is not told its name.
        parent=parent if parent in who.visit.company_ids else None,
    )


async def do_create_sandbox(request: Request, who: Member, form: Form) -> Response:
    values = form.read(_FIELDS)
    form.judge()

    async def work(transaction: Transaction) -> int:
        await transaction.for_user(who.user_id)
        return await sandboxes.create_sandbox(transaction, values["name"])

    sandbox_id = await do_once(request, who, form, int, work)
    return go_to(f"/c/{sandbox_id}/integrations/tokens", done="sandbox_made")


async def do_enter_sandbox(request: Request, who: Member, _: Form) -> Response:
    sandbox_id = path_id(request, "id")
    async with members_transaction(request, who) as transaction:
        await sandboxes.enter_sandbox(transaction, sandbox_id)
    return go_to(f"/c/{sandbox_id}/integrations/tokens", done="sandbox_entered")
