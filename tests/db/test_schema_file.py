from __future__ import annotations

import os

import pytest
from support.schema import SCHEMA_FILE, dump

from kronika.db.migrate import migrate, packaged_migrations


@pytest.mark.skipif(
    "KRONIKA_TEST_DATABASE_URL" in os.environ, reason="another PostgreSQL may write its schema another way"
)
def test_the_migrations_make_exactly_the_schema_that_the_file_shows(database_url: str):
    assert dump(database_url) == SCHEMA_FILE.read_text(), "run `make schema`"


def test_migrating_again_applies_nothing(database_url: str):
    assert migrate(database_url) == []


def test_migrations_are_numbered_without_gaps():
    numbers = sorted(int(name.split(".")[0]) for name in packaged_migrations())
    assert numbers == list(range(1, len(numbers) + 1))
