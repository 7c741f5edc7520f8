"""A cursor that nobody was given would miss everything that happens until positions reach it, without a word."""

from __future__ import annotations

from starlette.requests import Request

from kronika.changes.journal import last_drawn
from kronika.errors import Complaints, Invalid
from kronika.http.services import services


async def judge_cursor(request: Request, company_id: int, cursor: int, upto: int, field: str) -> None:
    """`upto`: the horizon of this process; that of another may be further, which gave the cursor out.

    Raises Invalid: no cursor like it was ever given out.
    """
    if cursor <= upto:
        return
    async with services(request).database.transaction(company_id) as transaction:
        if cursor > await last_drawn(transaction):
            complaints = Complaints()
            complaints.add(field, "cursor_unknown")
            raise Invalid(complaints)
