from __future__ import annotations

from typing import Any

import pytest
from support.api import Api


@pytest.fixture
async def document(plain_api: Api) -> dict[str, Any]:
    """The document as the running application serves it."""
    return (await plain_api.http.get("/openapi.json")).json()
