"""The columns of the board, which are the statuses of cases: added, renamed, recoloured, moved, deleted.

Every member may: they say how the company works, as cases do, and a token that writes may do the same.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases.actions import remove_status
from kronika.cases.column_queries import column_sizes
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.statuses import actions, queries
from kronika.statuses.input import STATUS_FIELDS, new_status
from kronika.statuses.models import BOARD, StatusView
from kronika.web.board.board_view import NO_COLUMN
from kronika.web.board.palette import OTHER, PALETTE, next_color
from kronika.web.forms import Form, judge_repeated, judge_seen, trace
from kronika.web.once import do_once
from kronika.web.pages import is_for_script
from kronika.web.relations.board import board_transaction
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member


async def show_new(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        statuses = await queries.list_statuses(transaction)
    return _show_form(request, who, form, None, next_color([status.color for status in statuses]))


async def do_create(request: Request, who: Member, form: Form) -> Response:
    values = _read(form)
    form.judge()

    async def work(transaction: Transaction) -> int:
        return (await actions.create_status(transaction, new_status(values), who.actor)).id

    status_id = await do_once(request, who, form, int, work, lane=BOARD)
    return _go_to_column(who, status_id, done="added")


async def show_change(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        status = _found(await queries.find_status(transaction, path_id(request, "id")))
    return _show_form(request, who, form, status, status.color)


async def do_change(request: Request, who: Member, form: Form) -> Response:
    values = _read(form)
    async with services(request).database.transaction(who.company_id) as transaction:
        status = _found(await queries.lock_status(transaction, path_id(request, "id")))
        judge_seen(form, status)
        form.judge()
        await actions.update_status(transaction, status, new_status(values), who.actor)
    return _go_to_column(who, status.id, done="saved")


async def do_move(request: Request, who: Member, form: Form) -> Response:
    """In front of another column, or where none is named, to the end. One that is gone says nothing: who puts it to the
    left of that does not mean the end.
    """
    before = parse_integer(form.text("before")) or NO_COLUMN

    async def work(transaction: Transaction) -> int:
        status = _found(await actions.status_to_move(transaction, path_id(request, "id")))
        others = [each.id for each in await queries.list_statuses(transaction) if each.id != status.id]
        if before == NO_COLUMN or before in others:
            place = others.index(before) if before else None
            await actions.move_status(transaction, status, place, who.actor)
        return status.id

    said = form.said() | {"id": path_id(request, "id")}
    status_id = await do_once(request, who, form, int, work, said=said, lane=BOARD)
    return Response(status_code=204) if is_for_script(request) else _go_to_column(who, status_id)


async def show_deletion(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        status = _found(await queries.find_status(transaction, path_id(request, "id")))
        sizes = await column_sizes(transaction)
    return render(request, who, "board/column_delete.html", form=form, column=status, cases=sizes[status.id])


async def do_delete(request: Request, who: Member, form: Form) -> Response:
    async with board_transaction(request, who) as transaction:
        status = _found(await actions.status_to_move(transaction, path_id(request, "id")))
        judge_repeated(form, "name", status.name)
        await remove_status(transaction, status.id, who.actor)
    return go_to(who.company.path + "/cases", done="deleted")


def _read(form: Form) -> dict[str, Any]:
    """What it says of a column."""
    written = form.text("otherColor" if form.text("color") == OTHER else "color")
    # What could not even be stored is no colour.
    return form.read(STATUS_FIELDS, color=written.replace("\0", "?").strip() or None)


def _show_form(request: Request, who: Member, form: Form, status: StatusView | None, color: str) -> Response:
    chosen = form.text("color") if form else color
    is_other = chosen not in PALETTE.values()
    return render(
        request,
        who,
        "board/column_form.html",
        form=form,
        column=status,
        seen=trace(status) if status else None,
        palette=PALETTE,
        chosen=OTHER if is_other else chosen,
        other=form.text("otherColor") if form else color * is_other,
    )


def _go_to_column(who: Member, status_id: int, done: str = "") -> Response:
    return go_to(who.company.path + "/cases", done=done, at=f"column-{status_id}")


def _found(status: StatusView | None) -> StatusView:
    if status is None:
        raise NotFound
    return status
