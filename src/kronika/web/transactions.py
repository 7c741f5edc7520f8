"""Transactions of pages that need more than the company."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request

from kronika.db.statements import Transaction
from kronika.http.services import services
from kronika.web.visitors import Member


@asynccontextmanager
async def members_transaction(request: Request, who: Member) -> AsyncGenerator[Transaction]:
    """One of the company's and of the user's who asks."""
    async with services(request).database.transaction(who.company_id) as transaction:
        await transaction.for_user(who.user_id)
        yield transaction
