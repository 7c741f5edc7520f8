"""Trouble that lies with a connection, or passes, is no fault of the request: it is told so, and does not stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from msgspec import Struct
from psycopg import sql

from kronika.db.pool import Database
from kronika.errors import Unavailable


class Number(Struct):
    n: object


class Session(Struct):
    durability: str
    isolation: str
    role: str


_SESSION = """
SELECT current_setting('synchronous_commit') AS durability, current_setting('transaction_isolation') AS isolation,
    current_user::text AS role
"""


async def test_a_connection_whose_plan_a_migration_has_outdated_is_given_up(
    database_url: str, owner: psycopg.Connection
):
    owner.execute("CREATE VIEW outdating AS SELECT 1 AS n")
    owner.execute("GRANT SELECT ON outdating TO kronika_app")
    database = Database(database_url, connections=1)
    await database.open()
    try:
        assert (await database.call(Number, "SELECT * FROM outdating", {})).n == 1
        owner.execute("DROP VIEW outdating; CREATE VIEW outdating AS SELECT 'two'::text AS n")
        owner.execute("GRANT SELECT ON outdating TO kronika_app")
        with pytest.raises(Unavailable):
            await database.call(Number, "SELECT * FROM outdating", {})
        assert (await database.call(Number, "SELECT * FROM outdating", {})).n == "two"
    finally:
        await database.close()
        owner.execute("DROP VIEW outdating")


async def test_a_process_that_slept_in_a_transaction_is_told_to_come_again(database_url: str):
    database = Database(database_url, connections=1)
    await database.open()
    try:
        with pytest.raises(Unavailable):
            await _sleep_in_a_transaction(database)
        assert (await database.call(Number, "SELECT 3 AS n", {})).n == 3
    finally:
        await database.close()


async def _sleep_in_a_transaction(database: Database) -> None:
    async with database.transaction(1) as transaction:
        await transaction.run("SET idle_in_transaction_session_timeout = '20ms'")
        await transaction.run("SELECT 1")
        await asyncio.sleep(0.2)
        await transaction.run("SELECT 1")


async def test_a_session_has_what_correctness_needs_whatever_the_defaults_are(new_database: Callable[[str], str]):
    url = new_database("defaults")
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        for setting in ("synchronous_commit = off", "default_transaction_isolation = serializable"):
            connection.execute(sql.SQL("ALTER DATABASE {} SET " + setting).format(name))
    database = Database(url, connections=1)
    await database.open()
    try:
        found = await database.call(Session, _SESSION, {})
    finally:
        await database.close()
    assert found == Session("on", "read committed", "kronika_app")
