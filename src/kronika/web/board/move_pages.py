"""Moving a business case: by a script that knows its new neighbours, or by a form that names a column and a place.

Who drags a card sees a board that is a moment old. So he says between which cards he puts it, and there it goes
wherever they stand by then; see `Spot`. A form is done once, so a move that is sent again does not undo what came
between.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases import actions, queries
from kronika.cases.column_queries import column_sizes
from kronika.cases.models import Case, Spot
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.fields import Field, integer
from kronika.statuses.models import BOARD
from kronika.statuses.queries import find_status, list_statuses
from kronika.web.board.board_view import NO_COLUMN
from kronika.web.forms import Form
from kronika.web.once import do_once
from kronika.web.pages import is_for_script
from kronika.web.relations.case_list_pages import status_options
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member

_FIELDS: Final[dict[str, Field[Any]]] = {
    "column": integer(0),
    # No names of records that must be there: neighbours that are gone say nothing.
    "before": integer(0),
    "behind": integer(0),
    # People count from one.
    "place": integer(1),
}


async def show_move(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        case = await queries.find_case(transaction, path_id(request, "id"))
        if case is None:
            raise NotFound
        statuses = await list_statuses(transaction)
        sizes = await column_sizes(transaction)
    return render(
        request,
        who,
        "board/move_form.html",
        form=form,
        case=case,
        statuses=status_options(statuses),
        size=sizes[case.status_id],
    )


async def do_move(request: Request, who: Member, form: Form) -> Response:
    values = form.read(_FIELDS)
    form.judge()
    place: int | None = values["place"]
    spot = Spot(values["before"], values["behind"], None if place is None else place - 1)

    async def work(transaction: Transaction) -> int:
        case = await actions.case_to_change(transaction, path_id(request, "id"))
        if case is None:
            raise NotFound
        to = await _judge_column(transaction, case, values["column"], form)
        return (await actions.move_case_to(transaction, case, to, spot, who.actor)).id

    said = form.said() | {"id": path_id(request, "id")}
    case_id = await do_once(request, who, form, int, work, said=said, lane=BOARD)
    if is_for_script(request):
        return Response(status_code=204)
    return go_to(who.company.path + "/cases", done="moved", at=f"case-{case_id}")


async def _judge_column(transaction: Transaction, case: Case, column: int | None, form: Form) -> int | None:
    """The column that is meant; without a word about it, that in which the case is.

    Raises Invalid: there is none such.
    """
    if column is None:
        return case.status_id
    if column == NO_COLUMN:
        return None
    if await find_status(transaction, column) is None:
        form.complaints.add("column", "unknown")
        form.judge()
    return column
