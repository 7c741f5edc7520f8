from __future__ import annotations

import pytest
from support.api import Api


@pytest.fixture
async def client(plain_api: Api, stranger: Api) -> int:
    """A client, of whom the stranger has an equal one with an equal document."""
    ids = {}
    for api in (stranger, plain_api):
        ids[api] = await api.new_client(
            name="Hotel Panoráma a.s.", subjectId="36712345", taxId="2022345678", vatId="SK2022345678"
        )
    body = {"number": "S-1", "issueDate": "2026-01-01", "clientId": ids[stranger], "totalWithVat": 1, "currencyId": 1}
    for number in (1, 2):
        await stranger.put(f"/documents/invoice/{number}", body)
    return ids[plain_api]
