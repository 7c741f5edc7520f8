"""What a page of the board is told live: which of its columns show something else now."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from starlette.requests import Request

from kronika.cases.column_queries import columns_of_cases
from kronika.changes.journal import Piece
from kronika.http.services import services
from kronika.web.board.board_view import NO_COLUMN
from kronika.web.live import Tell
from kronika.web.visitors import Member


class BoardNews(Struct, frozen=True):
    """Cases that changed, and the columns they are in; contacts, whose names stand on cards; whether columns changed
    themselves.
    """

    cases: list[int]
    columns: list[int]
    contacts: list[int]
    statuses: bool


def board_news(request: Request, who: Member) -> Tell:
    """Of a piece of the journal what concerns the board."""
    database = services(request).database

    async def find(piece: Piece) -> BoardNews | None:
        cases = _changed(piece, ("business-cases.",))
        contacts = _changed(piece, ("clients.updated", "suppliers.updated"))
        statuses = _changed(piece, ("business-case-statuses.",))
        if not (cases or contacts or statuses):
            return None
        columns: list[int | None] = []
        if cases:
            async with database.transaction(who.company_id) as transaction:
                columns = await columns_of_cases(transaction, cases)
        return BoardNews(cases, [column or NO_COLUMN for column in columns], contacts, bool(statuses))

    async def tell(piece: Piece) -> BoardNews | None:
        return await piece.once("board", find)

    return tell


def _changed(piece: Piece, types: Iterable[str]) -> list[int]:
    """The ids of what changes of these types are about, each once."""
    return list({change.resource_id: None for change in piece.changes if change.type.startswith(tuple(types))})
