from __future__ import annotations

import pytest
from support.api import Api
from support.board import new_status
from support.routes import new_document


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
