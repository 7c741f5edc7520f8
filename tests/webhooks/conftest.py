from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
import pytest
from support.api import Api
from support.couriers import LOOPBACK_SETTING, courier

from kronika.credentials import Hasher
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
async def a_courier(database: Database, secret_key: str, only_here: None) -> AsyncIterator[Courier]:
    async with courier(database, secret_key) as made:
        yield made


@pytest.fixture
def secret_key(hasher: Hasher) -> str:
    return "a secret key that only the tests have ever used"
