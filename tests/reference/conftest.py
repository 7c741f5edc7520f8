from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support import contract as contract_file
from support.api import Api
from support.contract_bodies import World, new_world


@pytest.fixture
async def document(plain_api: Api) -> dict[str, Any]:
    """The document as the running application serves it."""
    return (await plain_api.http.get("/openapi.json")).json()


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    return contract_file.contract()


@pytest.fixture(scope="session")
async def world(new_api: Callable[..., Awaitable[Api]]) -> World:
    """A company with one of each, beside a stranger, for the hundreds of requests that are held against the contract.

    Companies of its own for each of these would be most of their time. None of them relies on what another one left.
    """
    return await new_world(await new_api(), await new_api())
