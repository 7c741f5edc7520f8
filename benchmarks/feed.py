"""A feed of documents: batches through HTTP from two senders, beside the bare statements that write them."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg

PER_BATCH = 1000
_SENDERS = 2
_PIECE = 200
_BARE = """
WITH made AS (
    INSERT INTO documents (company_id, type, document_id, number, issue_date, due_date, contact_kind, contact_id, total,
                           currency_id, currency_rate, created_at, updated_at)
    SELECT %(company)s, 'invoice', n, 'BARE' || n, '2026-03-10', '2026-03-24', 'client',
        %(first)s + n %% %(clients)s, 121.5, 1, 1, date_trunc('second', clock()), date_trunc('second', clock())
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) n
    RETURNING *
), counted AS MATERIALIZED (
    SELECT count_documents(%(company)s, array_agg(type), array_agg(is_open), array_agg(1)) FROM made
), announced AS (
    INSERT INTO changes (company_id, type, resource_id, actor)
    SELECT company_id, 'invoices.created', document_id, 'system' FROM made
)
SELECT array_agg(id ORDER BY id) AS ids, array_agg(contact_id ORDER BY id) AS timelines,
    array_agg(number ORDER BY id) AS numbers, (SELECT count(*) FROM counted) FROM made
"""
_EVENTS = """
SELECT record_document_events(
    %(company)s, 'system', NULL, %(timelines)s, array_fill('document_created'::event_type, ARRAY[n]), %(ids)s,
    %(numbers)s, array_fill(121.5::numeric, ARRAY[n]), array_fill(1::smallint, ARRAY[n]))
FROM (VALUES (%(piece)s)) size (n)
"""


class Fed(NamedTuple):
    """Documents a second: bare, first sent, sent again unchanged."""

    bare: float
    created: float
    unchanged: float


def feed(
    address: str, token: str, connection: psycopg.Connection[Any], company: int, first: int, clients: int, *, salt: int
) -> Fed:
    """Feeds ten thousand documents in each way, spread over the clients."""
    count = 10 * PER_BATCH
    start = 1 + salt * 2 * count
    bare = _timed(count, lambda: _write_bare(connection, company, first, clients, start=start, count=count))
    batches = [
        _batch(first, clients, range(n, n + PER_BATCH)) for n in range(start + count, start + 2 * count, PER_BATCH)
    ]
    created = _timed(count, lambda: _send(address, token, batches, "created"))
    unchanged = _timed(count, lambda: _send(address, token, batches, "unchanged"))
    return Fed(bare, created, unchanged)


def _timed(count: int, work: Any) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _write_bare(
    connection: psycopg.Connection[Any], company: int, first: int, clients: int, *, start: int, count: int
) -> None:
    for at in range(start, start + count, _PIECE):
        values = {"company": company, "first": first, "clients": clients, "from": at, "to": at + _PIECE - 1}
        with connection.transaction():
            row = connection.execute(_BARE, values).fetchone()
            assert row is not None
            ids, timelines, numbers, _ = row
            written = {"ids": ids, "timelines": timelines, "numbers": numbers, "piece": _PIECE}
            connection.execute(_EVENTS, values | written)


def _batch(first: int, clients: int, numbers: range) -> bytes:
    documents = [
        {
            "documentType": "invoice", "documentId": n, "number": f"2026{n:06}", "issueDate": "2026-03-10",
            "dueDate": "2026-03-24", "clientId": first + n % clients, "totalWithVat": 121.5, "currencyId": 1,
        }
        for n in numbers
    ]  # fmt: skip
    return json.dumps({"documents": documents}).encode()


def _send(address: str, token: str, batches: list[bytes], outcome: str) -> None:
    parts = [batches[n::_SENDERS] for n in range(_SENDERS)]
    with ThreadPoolExecutor(_SENDERS) as senders:
        for counted in senders.map(lambda part: _send_one_after_another(address, token, part, outcome), parts):
            assert counted, f"not every document was {outcome}"


def _send_one_after_another(address: str, token: str, batches: list[bytes], outcome: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    wanted = f'"outcome":"{outcome}"'.encode()
    whole = True
    for batch in batches:
        connection.request("POST", "/api/public/v1/documents/batch", batch, headers)
        whole &= connection.getresponse().read().count(wanted) == PER_BATCH
    connection.close()
    return whole
