"""What has had its time is taken away, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from kronika.db.pool import Database
from kronika.server.sweeper import sweep


async def test_the_sweep_takes_sessions_links_and_counts_that_have_ended_and_no_other(
    new_database: Callable[[str], str],
):
    url = new_database("swept")
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.scalar_row) as owner:
        owner.execute("SET search_path = kronika")
        owner.execute("INSERT INTO companies (name) VALUES ('Acme')")
        owner.execute("INSERT INTO users (email, email_key, name) SELECT n, n, n FROM generate_series(1, 4) n")
        for seen, made in (("29 days", "89 days"), ("30 days", "40 days"), ("1 day", "90 days")):
            owner.execute(
                "INSERT INTO sessions (user_id, hash, user_agent, address, last_seen_at, created_at)"
                " VALUES (1, %s, '', '', clock() - %s::interval, clock() - %s::interval)",
                [seen.encode(), seen, made],
            )
        for user_id, age in ((1, "23 hours"), (2, "24 hours"), (3, "2 days")):
            owner.execute(
                "INSERT INTO password_links (hash, user_id, created_at) VALUES (%s, %s, clock() - %s::interval)",
                [age.encode(), user_id, age],
            )
            owner.execute(
                "INSERT INTO invitations (company_id, email, email_key, role, hash, created_by, created_at)"
                " VALUES (1, %(age)s::text, %(age)s::text, 'member', %(hash)s, 1, clock() - %(age)s::interval)",
                {"age": age, "hash": age.encode()},
            )
        for age in ("14 minutes", "15 minutes"):
            owner.execute("INSERT INTO sign_in_windows VALUES (%s, clock() - %s::interval, 1)", [age.encode(), age])
        database = Database(url, connections=2)
        await database.open()
        await sweep(database, step=1)
        await database.close()
        left = {
            table: owner.execute(f"SELECT array_agg(convert_from({column}, 'UTF8')) FROM {table}").fetchone()
            for table, column in {
                "sessions": "hash", "password_links": "hash", "invitations": "hash", "sign_in_windows": "key",
            }.items()
        }  # fmt: skip
        assert left == {
            "sessions": ["29 days"],
            "password_links": ["23 hours"],
            "invitations": ["23 hours"],
            "sign_in_windows": ["14 minutes"],
        }
