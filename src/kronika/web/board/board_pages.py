"""Business cases as a board; as a list, where that is wished for."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.http.services import services
from kronika.web.board.board_view import STEP, asked_columns, read_board
from kronika.web.forms import Form
from kronika.web.pages import is_for_script
from kronika.web.relations.case_list_pages import LIST_WISHES, show_case_list
from kronika.web.rendering import render
from kronika.web.visitors import Member

_VIEWS: Final = frozenset({"board", "list"})


async def show_cases(request: Request, who: Member, form: Form) -> Response:
    """The board, unless the address says `view=list`, or says nothing of it and wishes what only a list can show."""
    query = request.query_params
    view = query.get("view") if query.get("view") in _VIEWS else None
    if is_for_script(request) and "columns" in query:
        return await _show_part(request, who)
    if view == "list" or (view is None and any(name in query for name in LIST_WISHES)):
        return await show_case_list(request, who, form)
    tools = services(request)
    # Before anything is read: what comes after it, the live stream tells.
    upto = await tools.horizon.reach(tools.database)
    async with tools.database.snapshot(who.company_id) as transaction:
        columns = await read_board(transaction)
    return render(
        request,
        who,
        "board/board.html",
        columns=columns,
        total=sum(column.size for column in columns),
        step=STEP,
        upto=upto,
    )


async def _show_part(request: Request, who: Member) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        columns = await read_board(transaction, asked_columns(request))
    return render(
        request,
        who,
        "board/board_part.html",
        columns=columns,
        total=sum(column.size for column in columns),
        step=STEP,
    )
