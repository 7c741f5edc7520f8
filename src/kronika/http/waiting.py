"""Waiting for what a request would lock, in the process and not on a connection (see lanes.py)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request

from kronika.http.services import services


@asynccontextmanager
async def in_lane(request: Request, company_id: int, name: str | None) -> AsyncGenerator[None]:
    """Waits until no other request of the company is in the lane; None is no lane."""
    if name is None:
        yield
        return
    async with services(request).lanes.take((name, company_id)):
        yield
