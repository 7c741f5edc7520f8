from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.server import Installation


@pytest.fixture
def installation() -> Iterator[Installation]:
    installation = Installation()
    yield installation
    installation.clean_up()
