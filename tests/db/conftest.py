from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest


@pytest.fixture(scope="module")
def crowded_url(new_database: Callable[[str], str], request: pytest.FixtureRequest) -> str:
    """A database for the many rows of one file of tests."""
    return new_database(request.path.stem)


@pytest.fixture(scope="module")
def crowded_owner(crowded_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(crowded_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        yield connection
