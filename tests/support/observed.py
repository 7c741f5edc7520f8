"""How much of the tables and indexes a request reads, by PostgreSQL's own counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
from msgspec import Struct

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files
from support.api import Api

SMALL = {"companies", "memberships", "business_case_statuses", "contact_counts", "document_counts"}
"""Tables that have a handful of rows a company: reading them whole is right."""


class _Done(Struct):
    done: str


@dataclass
class Reading:
    """The tables that were read whole, how many rows of each were fetched by index; entries read of each index."""

    whole: set[str]
    fetched: Counter[str]
    entries: Counter[str]


@dataclass
class Observed:
    """A company's API on one connection, and what its requests read."""

    api: Api
    database: Database
    owner: psycopg.Connection

    async def reading_of(self, request: Callable[[], Awaitable[Any]]) -> Reading:
        before = await self._read_so_far()
        await request()
        after = await self._read_so_far()
        whole, fetched, entries = (
            Counter({name: later[name] - earlier[name] for name in later})
            for earlier, later in zip(before, after, strict=True)
        )
        return Reading({name for name in whole if whole[name] and name not in SMALL}, fetched, entries)

    async def _read_so_far(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        await self.database.call(_Done, "SELECT pg_stat_force_next_flush()::text AS done", {})
        self.owner.execute("SELECT pg_stat_force_next_flush()")
        tables = self.owner.execute("SELECT relname, seq_scan, idx_tup_fetch FROM pg_stat_user_tables").fetchall()
        indexes = self.owner.execute("SELECT indexrelname, idx_tup_read FROM pg_stat_user_indexes").fetchall()
        return (
            {row["relname"]: row["seq_scan"] for row in tables},
            {row["relname"]: row["idx_tup_fetch"] or 0 for row in tables},
            {row["indexrelname"]: row["idx_tup_read"] for row in indexes},
        )


@asynccontextmanager
async def observed_api(
    url: str, owner: psycopg.Connection, hasher: Hasher, files: Files, plans: str
) -> AsyncIterator[Callable[[int, int, str], Observed]]:
    """Makes the observed API of a company; `plans` is PostgreSQL's plan_cache_mode: plans made once for all values, or
    anew for each. It chooses between them by itself otherwise.
    """
    database = Database(f"{url}&options=-c%20plan_cache_mode%3D{plans}", connections=1)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:

        def make(company_id: int, token_id: int, token: str) -> Observed:
            return Observed(Api(http, company_id, token_id, token), database, owner)

        yield make
    await database.close()
