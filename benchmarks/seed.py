"""A company of a million events, a hundred thousand of them on one client's timeline."""

from __future__ import annotations

from typing import NamedTuple

import psycopg

from benchmarks.searching import EVERY, ORDERS, add_words

CLIENTS = 1000

_CLIENTS = """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) SELECT %(company)s, 'client' FROM generate_series(1, %(clients)s)
    RETURNING id
)
INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
SELECT %(company)s, id, 'client', 'company', 'Client ' || id, false, clock(), clock() FROM timeline
"""

# Every tenth event belongs to the first client; the rest is spread over the others. One a minute, a tenth e-mails.
_EVENTS = """
INSERT INTO events (company_id, timeline_id, type, content, email, created_at, updated_at, created_by)
SELECT %(company)s,
    CASE WHEN n %% 10 = 0 THEN %(first)s ELSE %(first)s + 1 + n %% (%(clients)s - 1) END,
    CASE WHEN n %% 70 = 0 THEN 'email' ELSE 'note' END::event_type,
    'Follow-up call summary ' || n || ', ' || (string_to_array(%(every)s, ' '))[1 + n %% 10]
        || ' job' || n * 7 %% %(orders)s,
    CASE WHEN n %% 70 = 0 THEN 'crm@example.test' END,
    date_trunc('second', clock()) - (%(events)s - n) * interval '1 minute',
    date_trunc('second', clock()) - (%(events)s - n) * interval '1 minute',
    'system'
FROM generate_series(1, %(events)s) n
"""

# What count_event() would have left behind, event by event.
_NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT timeline_id, created_at, id, type_number(type) AS t,
    (row_number() OVER (PARTITION BY timeline_id ORDER BY created_at, id) - 1) / block_size() AS block
FROM events WHERE company_id = %(company)s
"""
_BLOCKS = """
CREATE TEMP TABLE blocks AS
SELECT timeline_id, block, min(created_at) AS at, (array_agg(id ORDER BY created_at, id))[1] AS id,
    ARRAY(SELECT count(*) FILTER (WHERE t = k) FROM unnest(array_agg(t)) t, generate_series(1, 8) k
          GROUP BY k ORDER BY k)::integer[] AS counts,
    block = max(block) OVER (PARTITION BY timeline_id) AS is_tail
FROM numbered GROUP BY timeline_id, block
"""
_CLOSED = """
INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
SELECT %(company)s, timeline_id, CASE WHEN block = 0 THEN '-infinity' ELSE at END,
    CASE WHEN block = 0 THEN 0 ELSE id END, counts
FROM blocks WHERE NOT is_tail
"""
_HEADS = """
UPDATE timelines t SET tail_counts = b.counts,
    tail_at = CASE WHEN b.block = 0 THEN '-infinity' ELSE b.at END,
    tail_id = CASE WHEN b.block = 0 THEN 0 ELSE b.id END,
    counts = ARRAY(SELECT sum(a.counts[k]) FROM blocks a, generate_series(1, 8) k
                   WHERE a.timeline_id = b.timeline_id GROUP BY k ORDER BY k)::integer[]
FROM blocks b WHERE t.company_id = %(company)s AND t.id = b.timeline_id AND b.is_tail
"""


class Seeded(NamedTuple):
    """Ids of the clients that events are created for, and of the one with the long timeline."""

    first_client: int
    clients: int
    long_client: int


def add_clients(connection: psycopg.Connection, company: int) -> int:
    """CLIENTS clients with consecutive ids; the first id."""
    connection.execute(_CLIENTS, {"company": company, "clients": CLIENTS})
    row = connection.execute("SELECT min(id) FROM contacts WHERE company_id = %s", [company]).fetchone()
    assert row is not None
    return row[0]


def seed(connection: psycopg.Connection, company: int, *, events: int) -> Seeded:
    """Fills the company; some minutes for a million events."""
    connection.execute("SET search_path = kronika")
    first = add_clients(connection, company)
    values = {
        "company": company, "first": first, "clients": CLIENTS, "events": events, "every": " ".join(EVERY),
        "orders": ORDERS,
    }  # fmt: skip
    for statement in (_EVENTS, _NUMBERED, "ANALYZE numbered", _BLOCKS, "ANALYZE blocks", _CLOSED, _HEADS):
        connection.execute(statement, values if "%(" in statement else None)
    add_words(connection, company)
    connection.execute("VACUUM ANALYZE events, timelines, timeline_blocks, contacts")
    return Seeded(first + 1, CLIENTS - 1, first)
