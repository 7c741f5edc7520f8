from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from support.api import Api
from support.board import new_status
from support.routes import new_document

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files


@pytest.fixture
async def without_database(
    hasher: Hasher, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application whose database cannot be reached."""
    monkeypatch.setattr("kronika.db.pool._CONNECTION_WAIT_SECONDS", 0.2)
    database = Database(f"host={tmp_path} dbname=nothing", connections=1)
    await database.open()
    address = "http://kronika.test"
    app = create_app(Services(Settings(rate_limit=0, public_url=address), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=address) as client:
        yield client
    await database.close()


@pytest.fixture
async def client_id(api: Api) -> int:
    return await api.new_client()


@pytest.fixture
def new_record():
    """Makes what a field of this name can hold the id of."""

    async def make(api: Api, field: str) -> int:
        if field == "statusId":
            return await new_status(api)
        if field == "documentId":
            return await new_document(api)
        makers = {"clientId": api.new_client, "supplierId": api.new_supplier, "businessCaseId": api.new_case}
        return await makers[field]()

    return make
