"""`/healthz`: the process answers. `/readyz`: it can do its work."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.migrate import packaged_migrations
from kronika.errors import Problem
from kronika.http.responses import json_response
from kronika.http.services import services

_APPLIED: Final = "SELECT array_agg(name) AS names FROM migrations"


class Health(Struct, frozen=True):
    status: str


class Readiness(Struct, frozen=True):
    status: str
    database: str
    migrations: str


class _Applied(Struct):
    names: list[str] | None


async def healthz(_: Request) -> Response:
    return json_response(Health("ok"))


async def readyz(request: Request) -> Response:
    """503 until the database is reachable and has the migrations of this version."""
    try:
        applied = await services(request).database.call(_Applied, _APPLIED, {})
    except Problem:
        return json_response(Readiness("unavailable", "unreachable", "unknown"), status=503)
    if set(packaged_migrations()).difference(applied.names or ()):
        return json_response(Readiness("unavailable", "ok", "pending"), status=503)
    return json_response(Readiness("ok", "ok", "current"))
