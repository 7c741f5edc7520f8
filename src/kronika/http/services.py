"""What a request handler may use, made once a process."""

from __future__ import annotations

from typing import cast

from msgspec import Struct, field
from starlette.requests import Request

from kronika.credentials import Hasher
from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.http.lanes import Lanes
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files


class Services(Struct, frozen=True):
    settings: Settings
    database: Database
    hasher: Hasher
    turns: Turns
    files: Files
    lanes: Lanes = field(default_factory=Lanes)
    horizon: Horizon = field(default_factory=Horizon)


def services(request: Request) -> Services:
    return cast(Services, request.app.state.services)
