"""The hot routes read what they need by index, however much there is: never a whole table, never a whole timeline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
import pytest
from msgspec import Struct
from support.api import Api

from kronika.app import create_app
from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files

EVENTS = "/contact-activity-logs"
LONG_TIMELINE = 20_000
BLOCK = 500
NEVER_WHOLE = ("events", "timelines", "timeline_blocks", "idempotency_keys", "tokens", "contacts", "attachments")

# The long timeline, cut into blocks as the product cuts it; many short ones beside it, ours and the stranger's; and
# enough of everything else that reading a table whole would be a choice and not a matter of course.
_SEED = (
    """
    INSERT INTO events (company_id, timeline_id, type, content, email, person_name, created_at, updated_at, created_by)
    SELECT %(company)s, %(client)s, t.type, 'x', CASE t.type WHEN 'email' THEN 'x@example.test' END,
        CASE t.type WHEN 'phone_call' THEN 'x' END, t.at, t.at, 'system'
    FROM (SELECT (enum_range(NULL::event_type))[1 + n %% 3] AS type, timestamptz '2026-01-01' + n * interval '1 s' AS at
          FROM generate_series(1, %(events)s) n) t
    """,
    """
    INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
    SELECT %(company)s, %(client)s, min(created_at), min(id),
        ARRAY[count(*) FILTER (WHERE type = 'note'), count(*) FILTER (WHERE type = 'email'),
              count(*) FILTER (WHERE type = 'phone_call'), 0, 0, 0, 0, 0]::integer[]
    FROM (SELECT *, (row_number() OVER (ORDER BY created_at, id) - 1) / %(block)s AS block
          FROM events WHERE timeline_id = %(client)s) numbered
    GROUP BY block
    """,
    """
    WITH tail AS (
        DELETE FROM timeline_blocks WHERE timeline_id = %(client)s AND starts_at = (
            SELECT max(starts_at) FROM timeline_blocks WHERE timeline_id = %(client)s)
        RETURNING *
    )
    UPDATE timelines SET tail_at = tail.starts_at, tail_id = tail.starts_id, tail_counts = tail.counts,
        counts = (SELECT ARRAY[count(*) FILTER (WHERE type = 'note'), count(*) FILTER (WHERE type = 'email'),
                      count(*) FILTER (WHERE type = 'phone_call'), 0, 0, 0, 0, 0]::integer[]
                  FROM events WHERE timeline_id = %(client)s)
    FROM tail WHERE timelines.id = %(client)s
    """,
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'client' FROM generate_series(1, 2000), unnest(ARRAY[%(company)s, %(stranger)s]) company
    """,
    """
    INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
    SELECT company_id, id, 'client', 'person', 'x', false, clock(), clock() FROM timelines t
    WHERE NOT EXISTS (SELECT FROM contacts c WHERE c.company_id = t.company_id AND c.id = t.id)
    """,
    """
    INSERT INTO events (company_id, timeline_id, type, content, created_at, updated_at, created_by)
    SELECT company_id, id, 'note', 'x', clock(), clock(), 'system'
    FROM timelines, generate_series(1, 3) WHERE id <> %(client)s
    """,
    """
    INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
    SELECT company_id, id, '-infinity', 0, no_events() FROM timelines WHERE id <> %(client)s
    """,
    """
    INSERT INTO idempotency_keys (company_id, key, fingerprint, status, body, created_at)
    SELECT company, n::text, '', 201, '', clock()
    FROM generate_series(1, 10000) n, unnest(ARRAY[%(company)s, %(stranger)s]) company
    """,
    """
    INSERT INTO tokens (company_id, name, scope, hash, created_by)
    SELECT %(stranger)s, 'x', 'read', sha256(n::text::bytea), 'system' FROM generate_series(1, 5000) n
    """,
)


class _Done(Struct):
    done: str


@dataclass
class Reading:
    """How much was read, by table: times it was read whole, rows fetched by index; entries of the timeline's index."""

    whole: dict[str, int]
    fetched: dict[str, int]
    entries: int


@dataclass
class Observed:
    """A company's API on one connection, and how much of the tables a request reads."""

    api: Api
    client_id: int
    database: Database
    owner: psycopg.Connection

    async def reading_of(self, request: Callable[[], Awaitable[Any]]) -> Reading:
        before = await self._read_so_far()
        await request()
        after = await self._read_so_far()
        return Reading(
            {name: after.whole[name] - before.whole[name] for name in NEVER_WHOLE},
            {name: after.fetched[name] - before.fetched[name] for name in NEVER_WHOLE},
            after.entries - before.entries,
        )

    async def _read_so_far(self) -> Reading:
        await self.database.call(_Done, "SELECT pg_stat_force_next_flush()::text AS done", {})
        self.owner.execute("SELECT pg_stat_force_next_flush()")
        rows = {row["relname"]: row for row in self.owner.execute("SELECT * FROM pg_stat_user_tables")}
        index = self.owner.execute(
            "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'events_by_time'"
        ).fetchone()
        return Reading(
            {name: rows[name]["seq_scan"] for name in NEVER_WHOLE},
            {name: rows[name]["idx_tup_fetch"] for name in NEVER_WHOLE},
            index["idx_tup_read"],
        )


@pytest.fixture(scope="module")
def crowded_url(new_database: Callable[[str], str]) -> str:
    return new_database("crowded")


@pytest.fixture(scope="module")
def crowded_owner(crowded_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(crowded_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        yield connection


@pytest.fixture(scope="module")
async def seeded(crowded_url: str, crowded_owner: psycopg.Connection, hasher: Hasher) -> tuple[int, int, str, int]:
    """Company, token, its text, and the client with the long timeline."""
    async with owner_transaction(crowded_url) as statements:
        company = await create_company(statements, "Acme")
        stranger = await create_company(statements, "Stranger")
        token = await issue_token(statements, hasher, company.id, "tests", "write")
    client = crowded_owner.execute(
        "INSERT INTO timelines (company_id, kind) VALUES (%s, 'client') RETURNING id", [company.id]
    ).fetchone()["id"]
    values = {
        "company": company.id, "stranger": stranger.id, "client": client, "events": LONG_TIMELINE, "block": BLOCK,
    }  # fmt: skip
    for statement in _SEED:
        crowded_owner.execute(statement, values)
    crowded_owner.execute("VACUUM ANALYZE")
    return company.id, token.id, token.token, client


@pytest.fixture(scope="module", params=["force_generic_plan", "force_custom_plan"])
async def observed(
    request: pytest.FixtureRequest,
    *,
    seeded: tuple[int, int, str, int],
    crowded_url: str,
    crowded_owner: psycopg.Connection,
    hasher: Hasher,
    files: Files,
) -> AsyncIterator[Observed]:
    """Plans made once for all values, and plans made anew for each: PostgreSQL chooses between them by itself."""
    company_id, token_id, token, client_id = seeded
    database = Database(f"{crowded_url}&options=-c%20plan_cache_mode%3D{request.param}", connections=1)
    await database.open()
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield Observed(Api(http, company_id, token_id, token), client_id, database, crowded_owner)
    await database.close()


def test_the_seed_is_cut_into_blocks_as_the_product_cuts_a_timeline(
    crowded_owner: psycopg.Connection, seeded: tuple[int, int, str, int]
):
    row = crowded_owner.execute(
        "SELECT block_size() AS size, tally(t.counts, NULL) AS events, (SELECT count(*) FROM timeline_blocks b"
        " WHERE b.timeline_id = t.id) AS blocks FROM timelines t WHERE t.id = %s",
        [seeded[3]],
    ).fetchone()
    assert row == {"size": BLOCK, "events": LONG_TIMELINE, "blocks": LONG_TIMELINE // BLOCK - 1}


@pytest.mark.parametrize("type_", [None, "email"])
@pytest.mark.parametrize("per_page", [10, 200])
@pytest.mark.parametrize("where", ["first", "middle", "last"])
async def test_a_page_anywhere_reads_a_few_blocks_of_the_index_and_its_own_rows(
    observed: Observed, where: str, per_page: int, type_: str | None
):
    total = LONG_TIMELINE if type_ is None else -(-LONG_TIMELINE // 3)
    pages = -(-total // per_page)
    page = {"first": 1, "middle": pages // 2, "last": pages}[where]
    query = {"clientId": observed.client_id, "page": page, "perPage": per_page} | ({"type": type_} if type_ else {})
    shown: list[Any] = []

    async def request() -> None:
        body = await observed.api.timeline(**query)
        assert abs(body["paginator"]["totalResults"] - total) <= 100
        shown.extend(body["data"])

    reading = await observed.reading_of(request)
    assert set(reading.whole.values()) == {0}, reading
    assert 0 < len(shown) <= per_page
    assert reading.fetched["events"] <= 2 * per_page + 100, reading
    blocks = 2 + per_page * (3 if type_ else 1) // BLOCK
    assert reading.entries <= blocks * BLOCK + per_page, reading
    assert reading.fetched["timeline_blocks"] <= LONG_TIMELINE // BLOCK + 1, reading


async def test_recording_reads_a_handful_of_rows(observed: Observed):
    for key in (None, "fresh", "fresh"):
        reading = await observed.reading_of(lambda key=key: observed.api.record(key, clientId=observed.client_id))
        assert set(reading.whole.values()) == {0}, (key, reading)
        assert all(rows <= 10 for rows in reading.fetched.values()), (key, reading)
        assert reading.entries <= 5, (key, reading)


async def test_an_event_of_the_past_reads_no_more_than_its_block(observed: Observed):
    event_id = observed.owner.execute(
        "SELECT id FROM events WHERE timeline_id = %s AND deleted_at IS NULL"
        " AND created_at > '2026-01-01T02:00:00Z' ORDER BY created_at LIMIT 1",
        [observed.client_id],
    ).fetchone()["id"]
    for request in (
        lambda: observed.api.get(f"{EVENTS}/{event_id}"),
        lambda: observed.api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "x", "email": "y@example.test"}}),
        lambda: observed.api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "Corrected"}}),
        lambda: observed.api.delete(f"{EVENTS}/{event_id}"),
        lambda: observed.api.get(f"{EVENTS}/{event_id}"),
    ):
        reading = await observed.reading_of(request)
        assert set(reading.whole.values()) == {0}, reading
        assert all(rows <= 10 for rows in reading.fetched.values()), reading
        assert reading.entries <= 10, reading


async def test_what_is_refused_reads_as_little(observed: Observed):
    for request in (
        lambda: observed.api.record(clientId=999_999_999),
        lambda: observed.api.record("fresh", clientId=observed.client_id, type="email"),
        lambda: observed.api.timeline(clientId=999_999_999),
        lambda: observed.api.get("/whoami"),
        lambda: observed.api.get(f"/clients/{observed.client_id}"),
    ):
        reading = await observed.reading_of(request)
        assert set(reading.whole.values()) == {0}, reading
        assert all(rows <= 10 for rows in reading.fetched.values()), reading
