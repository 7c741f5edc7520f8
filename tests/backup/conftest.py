from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.backups import as_owner, fresh_folder, make_tables_of_files
from support.server import Installation


@pytest.fixture(scope="session")
def place() -> Iterator[Installation]:
    """An installation without a server, with a company and its key. PostgreSQL runs all the time: it is quicker."""
    installation = Installation()
    with as_owner(installation.data_dir) as owner:
        make_tables_of_files(owner)
        installation.json("company", "create", "Acme")
        yield installation
    installation.clean_up()


@pytest.fixture
def folder() -> Iterator[Path]:
    with fresh_folder() as made:
        yield made
