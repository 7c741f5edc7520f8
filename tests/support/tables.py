"""What the tables hold of a company, behind the API's back."""

from __future__ import annotations

import psycopg
from psycopg import sql

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'kronika'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'company_id'
ORDER BY c.relname
"""


def company_tables(owner: psycopg.Connection) -> list[str]:
    """Every table whose rows belong to a company, as the catalog knows them."""
    return [row["relname"] for row in owner.execute(_TABLES)]


def rows_of(owner: psycopg.Connection, company_id: int) -> dict[str, int]:
    """How many rows of each kind the company has; its rate window is none of its data."""
    return {
        table: owner.execute(
            sql.SQL("SELECT count(*) AS n FROM {} WHERE company_id = %s").format(sql.Identifier(table)), [company_id]
        ).fetchone()["n"]
        for table in company_tables(owner)
        if table != "rate_windows"
    }


def written_columns(owner: psycopg.Connection, table: str) -> list[str]:
    """The columns of a table that are not computed from others."""
    rows = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''"
        " AND NOT attisdropped",
        [table],
    )
    return [row["attname"] for row in rows]
