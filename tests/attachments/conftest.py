from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from support.api import Api
from support.files import kept
from support.forms import uploads_of

from kronika.db.pool import Database


@pytest.fixture
def pass_hours(owner: psycopg.Connection):
    """Lets time pass for a company's uploads and for what is to be removed of its files."""

    def age(api: Api, hours: float) -> None:
        values = {"company": api.company_id, "hours": hours}
        for table, column in (("uploads", "created_at"), ("files_to_remove", "due_at")):
            owner.execute(
                f"UPDATE {table} SET {column} = {column} - %(hours)s * interval '1 hour'"
                " WHERE company_id = %(company)s",
                values,
            )

    return age


@pytest.fixture
async def second_database(database_url: str):
    """Connections of another process."""
    database = Database(database_url, connections=2)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def nothing_stays(plain_api: Api, files_folder: Path, owner: psycopg.Connection):
    """Whatever was refused in the test has left nothing, neither rows nor files nor drafts."""
    yield
    assert uploads_of(owner, plain_api) == 0
    assert kept(files_folder, plain_api.company_id) == []
    assert list((files_folder / ".incoming").iterdir()) == []
