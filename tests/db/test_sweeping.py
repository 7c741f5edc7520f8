"""The sweep takes what has had its time, of all companies, in small steps, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import psycopg
import pytest

from kronika.db.pool import Database
from kronika.server.sweeper import SWEEPS, sweep

COMPANIES = (1, 2)
# The age at which a row goes, in seconds.
LIFETIMES = {"idempotency_keys": 72 * 3600, "rate_windows": 60, "changes": 90 * 24 * 3600, "uploads": 24 * 3600}
_INSERTS = {
    "idempotency_keys": """
        INSERT INTO idempotency_keys (company_id, key, fingerprint, status, body, created_at)
        SELECT %(company)s, gen_random_uuid()::text, '', 201, '', clock() - %(age)s * interval '1 second'
        FROM generate_series(1, %(rows)s)
    """,
    # One row a company: as many companies as rows.
    "rate_windows": """
        INSERT INTO rate_windows (company_id, started_at, hits)
        SELECT (SELECT coalesce(max(company_id), 0) FROM rate_windows) + n, clock() - %(age)s * interval '1 second', 5
        FROM generate_series(1, %(rows)s) n
    """,
    "changes": """
        INSERT INTO changes (company_id, type, resource_id, actor, occurred_at)
        SELECT %(company)s, 'clients.created', 1, 'system', clock() - %(age)s * interval '1 second'
        FROM generate_series(1, %(rows)s)
    """,
    "uploads": """
        INSERT INTO uploads (company_id, token_hash, storage_key, name, mime_type, size, created_at)
        SELECT %(company)s, uuid_send(gen_random_uuid()), gen_random_uuid()::text, 'x', 'text/plain', 1,
            clock() - %(age)s * interval '1 second'
        FROM generate_series(1, %(rows)s)
    """,
}
every_table = pytest.mark.parametrize("table", LIFETIMES)


@pytest.fixture(scope="module")
def dusty_url(new_database: Callable[[str], str]) -> str:
    return new_database("dusty")


@pytest.fixture
def dusty(dusty_url: str) -> Iterator[psycopg.Connection]:
    """The owner of a database where nobody else sweeps, with nothing in it to sweep."""
    with psycopg.connect(dusty_url, autocommit=True, row_factory=psycopg.rows.scalar_row) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute("TRUNCATE idempotency_keys, rate_windows, changes, uploads")
        connection.execute(
            "INSERT INTO companies (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'Acme'), (2, 'Other')"
            " ON CONFLICT DO NOTHING"
        )
        yield connection


@pytest.fixture
async def sweeping(dusty_url: str) -> AsyncIterator[Database]:
    """Connections as a server has them, none of them a company's."""
    pool = Database(dusty_url, connections=2)
    await pool.open()
    yield pool
    await pool.close()


def put(owner: psycopg.Connection, table: str, *, age: float, rows: int = 1, company: int = 1) -> None:
    owner.execute(_INSERTS[table], {"age": age, "rows": rows, "company": company})


def count(owner: psycopg.Connection, table: str) -> int:
    return owner.execute(f"SELECT count(*) FROM {table}").fetchone()


async def test_an_empty_database_has_nothing_to_sweep(dusty: psycopg.Connection, sweeping: Database):
    assert await sweep(sweeping) == 0


@every_table
async def test_what_has_had_its_time_goes_and_what_has_not_stays(
    dusty: psycopg.Connection, sweeping: Database, table: str
):
    for company in COMPANIES:
        put(dusty, table, age=LIFETIMES[table] + 1, rows=3, company=company)
        put(dusty, table, age=LIFETIMES[table] - 20, rows=2, company=company)
        put(dusty, table, age=0, company=company)
    assert await sweep(sweeping) == 6
    assert count(dusty, table) == 6
    assert await sweep(sweeping) == 0


async def test_changes_of_91_days_go_and_those_of_89_stay(dusty: psycopg.Connection, sweeping: Database):
    for days in (91, 89, 1000, 0):
        put(dusty, "changes", age=days * 24 * 3600, company=days + 1)
    assert await sweep(sweeping) == 2
    assert sorted(dusty.execute("SELECT company_id - 1 FROM changes").fetchall()) == [0, 89]


@pytest.mark.parametrize("rows", [4, 5, 6])
async def test_one_sweep_takes_everything_however_small_its_steps(
    dusty: psycopg.Connection, sweeping: Database, rows: int
):
    for table, lifetime in LIFETIMES.items():
        put(dusty, table, age=lifetime * 2, rows=rows)
    assert await sweep(sweeping, step=2) == len(LIFETIMES) * rows
    assert [count(dusty, table) for table in LIFETIMES] == [0] * len(LIFETIMES)


@every_table
def test_a_step_takes_no_more_than_it_is_told(dusty: psycopg.Connection, table: str):
    put(dusty, table, age=LIFETIMES[table] + 1, rows=5)
    swept = [dusty.execute(f"SELECT sweep_{table}(2)").fetchone() for _ in range(4)]
    assert swept == [2, 2, 1, 0]


@every_table
async def test_rows_in_use_are_left_for_the_next_time(
    dusty: psycopg.Connection, sweeping: Database, dusty_url: str, table: str
):
    put(dusty, table, age=LIFETIMES[table] + 1, rows=3)
    with psycopg.connect(dusty_url) as user:
        user.execute(f"SELECT FROM kronika.{table} LIMIT 1 FOR UPDATE")
        assert await sweep(sweeping) == 2
        user.rollback()
    assert await sweep(sweeping) == 1


async def test_a_look_that_finds_nothing_reads_nothing(dusty: psycopg.Connection, dusty_url: str):
    rows = 30_000
    for table in ("idempotency_keys", "changes", "uploads"):
        put(dusty, table, age=0, rows=rows)
    dusty.execute("INSERT INTO users (email, email_key, name) VALUES ('x', 'x', 'x') ON CONFLICT DO NOTHING")
    dusty.execute(
        "INSERT INTO sessions (user_id, hash, user_agent, address)"
        " SELECT (SELECT min(id) FROM users), uuid_send(gen_random_uuid()), '', '' FROM generate_series(1, %s)",
        [rows],
    )
    with psycopg.connect(dusty_url, row_factory=psycopg.rows.scalar_row) as connection:
        connection.execute("SET search_path = kronika")
        for statement in SWEEPS:
            connection.execute(statement, {"most": 1000})
        read = connection.execute(
            "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname <> 'rate_windows'"
        ).fetchone()
    assert read < rows
