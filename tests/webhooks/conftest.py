from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import LOOPBACK_SETTING, NewCourier, courier

from kronika.db.pool import Database
from kronika.webhooks.courier import Courier


@pytest.fixture
async def new_sending_api(new_api: Callable[..., Awaitable[Api]]) -> Callable[[], Awaitable[Api]]:
    """Makes companies that may have their receivers on loopback."""

    async def make() -> Api:
        return await new_api(webhook_allowed_hosts=LOOPBACK_SETTING)

    return make


@pytest.fixture
async def sending_api(new_sending_api: Callable[[], Awaitable[Api]], stranger: Api) -> Api:
    return await new_sending_api()


@pytest.fixture
def only_here(owner: psycopg.Connection) -> None:
    """The couriers of this test have nothing left to do from tests before it."""
    owner.execute("UPDATE webhook_states SET is_deleted = true, holder = NULL, held_until = NULL")


@pytest.fixture
def new_courier(database: Database, secret_key: str, only_here: None) -> NewCourier:
    """Makes couriers, each at work until its block ends."""

    def make(**options: Any) -> AbstractAsyncContextManager[Courier]:
        return courier(database, secret_key, **options)

    return make


@pytest.fixture
async def a_courier(new_courier: NewCourier) -> AsyncIterator[Courier]:
    async with new_courier() as made:
        yield made
