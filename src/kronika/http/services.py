"""What a request handler may use, made once a process."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import cast

from msgspec import Struct, field
from starlette.requests import Request

from kronika.credentials import Hasher
from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.hosts import AllowedHosts
from kronika.http.lanes import Lanes
from kronika.http.token_uses import TokenUses
from kronika.http.turns import Turns
from kronika.outgoing.sending import Sender
from kronika.sealing import Sealer
from kronika.settings import Settings
from kronika.storage.files import Files


class Services(Struct, frozen=True, dict=True):
    settings: Settings
    database: Database
    hasher: Hasher
    turns: Turns
    files: Files
    lanes: Lanes = field(default_factory=Lanes)
    horizon: Horizon = field(default_factory=Horizon)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: what goes on for long ends."""
    token_uses: TokenUses = field(default_factory=TokenUses)

    @cached_property
    def sealer(self) -> Sealer:
        return Sealer(self.settings.secret_key)

    @cached_property
    def sender(self) -> Sender:
        return Sender(AllowedHosts.parse(self.settings.webhook_allowed_hosts))


def services(request: Request) -> Services:
    return cast(Services, request.app.state.services)
