from __future__ import annotations

from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.cursors import judge_cursor
from kronika.changes.journal import ChangeView, change_view, read_journal, swept_up_to
from kronika.changes.types import CHANGE_TYPES
from kronika.errors import Complaints, Invalid
from kronika.http.admission import admit
from kronika.http.lists import read_list_query
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.fields import Field, choice, integer

MOST_CHANGES = 1000
_DEFAULT_CHANGES = 100

JOURNAL_FIELDS: dict[str, Field[Any]] = {
    "after": integer(0),
    "limit": integer(1, MOST_CHANGES),
    "type": choice(*CHANGE_TYPES),
}


class ChangeList(Struct, frozen=True):
    """`next` is the cursor to go on from; `more`: there is more behind it already."""

    data: list[ChangeView]
    next: int
    more: bool


async def list_changes(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, JOURNAL_FIELDS)
    after = values["after"] or 0
    database = services(request).database
    upto = await services(request).horizon.reach(database)
    await judge_cursor(request, who.company_id, after, upto, "after")
    async with database.transaction(who.company_id) as transaction:
        piece = await read_journal(
            transaction,
            after=after,
            upto=upto,
            limit=values["limit"] or _DEFAULT_CHANGES,
            types=[values["type"]] if values["type"] else None,
        )
        # Only now: a sweep may have come by meanwhile.
        if 0 < after < await swept_up_to(transaction):
            complaints = Complaints()
            complaints.add("after", "swept_away")
            raise Invalid(complaints)
    return json_response(ChangeList([*map(change_view, piece.changes)], piece.next, piece.more))
