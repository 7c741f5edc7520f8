from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx2
import psycopg
import pytest
from support.api import Api

from kronika.app import create_app
from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files


@pytest.fixture(scope="module")
def short_stretches(new_database: Callable[[str], str]) -> str:
    """The URL of a database in which a stretch is full with three events, and each event looks whether it is."""
    url = new_database("stretches")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute(
            "CREATE OR REPLACE FUNCTION stretch_size() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 3"
        )
        connection.execute("ALTER SEQUENCE event_ids INCREMENT BY 256 RESTART WITH 25600")
    return url


@pytest.fixture(scope="module")
async def new_short(short_stretches: str, hasher: Hasher, files: Files) -> AsyncIterator[Callable[[], object]]:
    """Makes a company in that database."""
    database = Database(short_stretches, connections=4)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:

        async def make() -> Api:
            async with owner_transaction(short_stretches) as statements:
                company = await create_company(statements, "Acme")
                token = await issue_token(statements, hasher, company.id, "tests", "write")
            return Api(http, company.id, token.id, token.token, short_stretches)

        yield make
    await database.close()


@pytest.fixture
async def second_process(plain_api: Api, database_url: str, hasher: Hasher, files: Files) -> AsyncIterator[Api]:
    """The same company at another process of the same installation."""
    database = Database(database_url, connections=3)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield replace(plain_api, http=http)
    await database.close()
