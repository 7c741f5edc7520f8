"""Connections of the owner of the tables: migrations and the operator's commands. No request ever uses one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql

from kronika.db.pool import SCHEMA
from kronika.db.statements import Statements


class DatabaseError(Exception):
    """One line for the operator: what is wrong with the database they named."""


@asynccontextmanager
async def owner_transaction(conninfo: str) -> AsyncGenerator[Statements]:
    """One transaction that sees all companies.

    Raises DatabaseError: the database cannot be reached.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(conninfo, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseError(f"cannot reach the database: {str(error).strip().splitlines()[-1]}") from None
    async with connection:
        await connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(SCHEMA)))
        yield Statements(connection)
