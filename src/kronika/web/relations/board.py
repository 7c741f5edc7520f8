"""A transaction that locks the company's board."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request

from kronika.db.statements import Transaction
from kronika.http.services import services
from kronika.statuses.models import BOARD
from kronika.web.visitors import Member


@asynccontextmanager
async def board_transaction(request: Request, who: Member) -> AsyncGenerator[Transaction]:
    """Waits for its turn in the process, as requests of the API do, and not on a connection."""
    tools = services(request)
    async with tools.lanes.take((BOARD, who.company_id)), tools.database.transaction(who.company_id) as transaction:
        yield transaction
