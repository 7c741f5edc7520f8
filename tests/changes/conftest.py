from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.watching import Watching, watching

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files

Watch = Callable[..., AbstractAsyncContextManager[Watching]]


@pytest.fixture
def watch(database: Database, hasher: Hasher, files: Files) -> Watch:
    """A client of the company's stream, of an application on the tests' own database or another."""
    apps: dict[Database, Any] = {}

    def watch(
        api: Api, query: str = "", on: Database = database, **headers: str
    ) -> AbstractAsyncContextManager[Watching]:
        if on not in apps:
            apps[on] = create_app(Services(Settings(rate_limit=0), on, hasher, Turns(), files))
        return watching(apps[on], "/api/public/v1/stream", query, authorization=f"Bearer {api.token}", **headers)

    return watch


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each statement was run in this process."""
    run: Counter[str] = Counter()
    execute = psycopg.AsyncCursor.execute

    async def counting(self: Any, query: Any, *values: Any, **options: Any) -> Any:
        run[str(query)] += 1
        return await execute(self, query, *values, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counting)
    return run
