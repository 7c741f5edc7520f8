"""The first look in the life of a database at how far its journal is final."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg

from kronika.db.horizon import Horizon
from kronika.db.pool import Database


async def test_it_waits_for_who_is_writing_since_there_is_nothing_older_to_answer_with(
    new_database: Callable[[str], str],
):
    url = new_database("first_look")
    database = Database(url, connections=2)
    await database.open()
    with psycopg.connect(url) as writer:
        writer.execute("SET search_path = kronika")
        company = writer.execute("INSERT INTO companies (name) VALUES ('Acme') RETURNING id").fetchone()[0]
        position = writer.execute(
            "INSERT INTO changes (company_id, type, resource_id, actor) VALUES (%s, 'clients.created', 1, 'system')"
            " RETURNING position",
            [company],
        ).fetchone()[0]
        look = asyncio.create_task(Horizon().reach(database))
        # Longer than later looks wait.
        done, _ = await asyncio.wait([look], timeout=0.4)
        assert not done
    assert await look == position
    await database.close()
