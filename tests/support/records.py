"""What the database holds: looked at, and put there, behind the API by a connection of its owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from support.api import Api

_COLUMNS = {
    "note": {"content": "A note"},
    "email": {"content": "An e-mail", "email": "jana@example.test"},
    "phone_call": {"content": "A call", "person_name": "Jana"},
    "document_linked": {},
    "document_created": {"document_number": "FV1", "amount": 121, "currency_id": 1},
    "document_updated": {"document_number": "FV1", "amount": 121, "currency_id": 1},
    "document_deleted": {"document_number": "FV1"},
    "document_payment_added": {"amount": 121, "currency_id": 1},
}

_SAID = sorted(set().union(*_COLUMNS.values()) | {"document_id"})


def changes_of(owner: psycopg.Connection, api: Api) -> list[dict[str, Any]]:
    """The company's change records, oldest first."""
    return owner.execute(
        "SELECT type, resource_id, actor::text, actor_id, xid FROM changes WHERE company_id = %s ORDER BY position",
        [api.company_id],
    ).fetchall()


def types_of_changes(owner: psycopg.Connection, api: Api, resource_id: int) -> list[str]:
    """The types of a resource's change records, oldest first."""
    return [change["type"] for change in changes_of(owner, api) if change["resource_id"] == resource_id]


def number_of_events(owner: psycopg.Connection, api: Api) -> int:
    """How many events the company has, those deleted included."""
    found = owner.execute("SELECT count(*) AS n FROM events WHERE company_id = %s", [api.company_id]).fetchone()
    return found["n"]


def put_event(owner: psycopg.Connection, company_id: int, timeline_id: int, type_: str, at: datetime) -> int:
    """Puts an event on a timeline at any time, counted as the product counts it; its id.

    One about a document stands on its contact's timeline.
    """
    with owner.transaction():
        values = _COLUMNS[type_]
        if type_.startswith("document_"):
            values = {**values, "document_id": _put_document(owner, company_id, timeline_id, at)}
        said = {name: values.get(name) for name in _SAID}
        row = owner.execute(
            f"""
            INSERT INTO events (company_id, timeline_id, type, created_at, updated_at, created_by, {", ".join(said)})
            VALUES (%(company)s, %(timeline)s, %(type)s, %(at)s, %(at)s, 'system',
                    {", ".join(f"%({name})s" for name in said)})
            RETURNING id
            """,
            {"company": company_id, "timeline": timeline_id, "type": type_, "at": at, **said},
        ).fetchone()
        owner.execute("SELECT count_event(%s, %s, %s, %s, %s, 1)", [company_id, timeline_id, at, row["id"], type_])
    return row["id"]


def _put_document(owner: psycopg.Connection, company_id: int, client_id: int, at: datetime) -> int:
    """The own id of a new invoice."""
    row = owner.execute(
        """
        INSERT INTO documents (company_id, type, document_id, number, issue_date, contact_kind, contact_id, total,
                               currency_id, created_at, updated_at)
        VALUES (%(company)s, 'invoice', nextval('document_ids'), 'FV1', %(at)s, 'client', %(client)s, 121, 1,
                %(at)s, %(at)s)
        RETURNING id
        """,
        {"company": company_id, "client": client_id, "at": at},
    ).fetchone()
    return row["id"]


def end_timeline(owner: psycopg.Connection, timeline_id: int) -> None:
    """Deletes a client, a supplier or a case, with its timeline."""
    with owner.transaction():
        for table in ("contacts", "business_cases", "timelines"):
            owner.execute(f"UPDATE {table} SET deleted_at = clock() WHERE id = %s", [timeline_id])


def counts_of(owner: psycopg.Connection, timeline_id: int) -> dict[str, list[int]]:
    """A timeline's events by type, in the order of the types: as counted in its row, as summed over its blocks and its
    tail, and as they are.
    """
    row = owner.execute(
        """
        SELECT t.counts AS "row",
            (SELECT array_agg(n ORDER BY number) FROM (
                SELECT number, sum(counts[number])::integer AS n
                FROM generate_series(1, 8) number,
                    (SELECT t.tail_counts AS counts
                     UNION ALL SELECT counts FROM timeline_blocks WHERE timeline_id = t.id) parts
                GROUP BY number) summed) AS parts,
            (SELECT array_agg(n ORDER BY number) FROM (
                SELECT number, count(e.id)::integer AS n
                FROM generate_series(1, 8) number
                LEFT JOIN events e ON type_number(e.type) = number AND e.timeline_id = t.id AND e.deleted_at IS NULL
                GROUP BY number) counted) AS truth
        FROM timelines t WHERE t.id = %s
        """,
        [timeline_id],
    ).fetchone()
    return dict(row)


def counts_are_right(owner: psycopg.Connection, timeline_id: int) -> bool:
    counts = counts_of(owner, timeline_id)
    return counts["row"] == counts["parts"] == counts["truth"]
