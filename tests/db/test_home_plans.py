"""Home and the page of a document read by index what they show, however much the company, or another one, has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from support.observed import Observed, Reading, observed_api
from support.people import new_user

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.statements import Transaction
from kronika.documents.owed import read_owed
from kronika.events.across import documents_touched, read_happened, read_happened_these, read_trail
from kronika.events.activity import Kept, keep_activity, read_activity
from kronika.storage.files import Files
from kronika.users.visits import enter_home, leave_home

EVENTS = 10_000
"""Of each company, one after the other; every tenth is about a document, of which each has as many."""
DOCUMENTS = 500
OPEN = 50
LONG = {"events", "timelines", "contacts", "documents", "changes"}

_SEED = (
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'client' FROM generate_series(1, 200), unnest(%(companies)s) company
    """,
    """
    INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
    SELECT company_id, id, 'client', 'company', 'x', true, clock(), clock() FROM timelines
    """,
    """
    INSERT INTO documents (company_id, type, document_id, number, issue_date, due_date, contact_kind, contact_id, total,
                           currency_id, paid, created_at, updated_at)
    SELECT c.company_id, 'invoice', n, 'x', '2026-01-01', '2026-02-01', 'client', c.id, 7, 1,
        CASE WHEN n <= %(open)s THEN 0 ELSE 7 END, clock(), clock()
    FROM generate_series(1, %(documents)s) n
    JOIN (SELECT company_id, min(id) AS id FROM contacts GROUP BY company_id) c ON true
    """,
    """
    INSERT INTO events (company_id, timeline_id, type, content, document_id, document_number, created_at, updated_at,
                        created_by)
    SELECT c.company_id, c.ids[1 + n %% 200], CASE WHEN n %% 10 = 0 THEN 'document_updated' ELSE 'note' END::event_type,
        CASE WHEN n %% 10 <> 0 THEN 'x' END, CASE WHEN n %% 10 = 0 THEN d.ids[1 + n / 10 %% %(documents)s] END,
        CASE WHEN n %% 10 = 0 THEN 'x' END, clock() - interval '1 day', clock(), 'system'
    FROM generate_series(1, %(events)s) n
    CROSS JOIN (SELECT company_id, array_agg(id) AS ids FROM timelines GROUP BY company_id) c
    JOIN (SELECT company_id, array_agg(id) AS ids FROM documents GROUP BY company_id) d USING (company_id)
    ORDER BY n, company_id
    """,
    """
    INSERT INTO changes (company_id, type, resource_id, actor)
    SELECT company_id, 'contact-activity-logs.created', id, 'system' FROM events ORDER BY id
    """,
)


class Seeded:
    """Ids of the company, its token and a member; the position of the journal behind which ten changes are."""

    company_id: int
    token_id: int
    token: str
    user_id: int
    upto: int
    last: int


@pytest.fixture(scope="module")
async def seeded(crowded_url: str, crowded_owner: psycopg.Connection, hasher: Hasher) -> Seeded:
    found = Seeded()
    async with owner_transaction(crowded_url) as statements:
        companies = [(await create_company(statements, name)).id for name in ("Acme", "Stranger")]
        token = await issue_token(statements, hasher, companies[0], "tests", "write")
    values = {"companies": companies, "events": EVENTS, "documents": DOCUMENTS, "open": OPEN}
    for statement in _SEED:
        crowded_owner.execute(statement, values)
    crowded_owner.execute("VACUUM ANALYZE")
    found.company_id, found.token_id, found.token = companies[0], token.id, token.token
    found.user_id, _, _ = new_user(crowded_owner, companies[0])
    positions = crowded_owner.execute(
        "SELECT position FROM changes WHERE company_id = %s ORDER BY position DESC LIMIT 11", [companies[0]]
    ).fetchall()
    found.last, found.upto = positions[0]["position"], positions[10]["position"]
    return found


@pytest.fixture(scope="module", params=["force_generic_plan", "force_custom_plan"])
async def observed(
    request: pytest.FixtureRequest,
    *,
    seeded: Seeded,
    crowded_url: str,
    crowded_owner: psycopg.Connection,
    hasher: Hasher,
    files: Files,
) -> AsyncIterator[Observed]:
    async with observed_api(crowded_url, crowded_owner, hasher, files, request.param) as make:
        yield make(seeded.company_id, seeded.token_id, seeded.token)


async def reading_of(observed: Observed, work: Callable[[Transaction], Awaitable[Any]]) -> Reading:
    async def run() -> None:
        async with observed.database.transaction(observed.api.company_id) as transaction:
            await work(transaction)

    return await observed.reading_of(run)


async def test_what_happened_is_read_along_the_primary_key(observed: Observed):
    for before in (None, 9_000, 50):
        reading = await reading_of(observed, lambda it, before=before: read_happened(it, before=before, limit=40))
        assert reading.whole & LONG == set(), (before, reading)
        # Those of the page once for their place, once for what they say, once for whose they are.
        assert reading.fetched["events"] <= 4 * 41, (before, reading)


async def test_events_that_are_asked_for_are_read_by_their_ids(observed: Observed):
    reading = await reading_of(observed, lambda it: read_happened_these(it, [7, 8, 9]))
    assert reading.whole & LONG == set(), reading
    assert reading.fetched["events"] <= 12, reading
    reading = await reading_of(observed, lambda it: documents_touched(it, [7, 8, 9], [1]))
    assert reading.whole & LONG == set(), reading
    assert reading.fetched["events"] <= 3, reading


async def test_the_trail_of_a_document_is_read_along_its_index(observed: Observed):
    row = observed.owner.execute(
        "SELECT document_id, count(*) AS n FROM events WHERE company_id = %s AND document_id IS NOT NULL"
        " GROUP BY 1 ORDER BY 1 LIMIT 1",
        [observed.api.company_id],
    ).fetchone()
    reading = await reading_of(observed, lambda it: read_trail(it, row["document_id"], before=None, limit=40))
    assert reading.whole & LONG == set(), reading
    assert reading.entries["events_by_document"] <= row["n"] + 1, reading
    assert reading.fetched["events"] <= 4 * row["n"], reading


async def test_what_is_to_be_paid_is_added_up_from_the_index_alone(observed: Observed):
    reading = await reading_of(observed, lambda it: read_owed(it, date(2026, 3, 1)))
    assert reading.whole & LONG == set(), reading
    assert reading.entries["documents_open"] <= OPEN, reading
    assert reading.fetched["documents"] == 0, reading


async def test_activity_is_added_up_from_what_came_since(observed: Observed, seeded: Seeded):
    zone = "Europe/Bratislava"
    kept = Kept(zone, seeded.upto, [date(2026, 1, 1)], [7])
    await reading_of(observed, lambda it: keep_activity(it, kept))
    reading = await reading_of(observed, lambda it: read_activity(it, zone, upto=seeded.last))
    assert reading.whole & LONG == set(), reading
    assert reading.fetched["events"] <= 10, reading
    assert reading.entries["changes_pkey"] <= 20, reading


async def test_a_visit_reads_a_handful_of_rows(observed: Observed, seeded: Seeded):
    for _ in range(2):
        reading = await reading_of(observed, lambda it: enter_home(it, seeded.user_id))
        assert reading.whole & LONG == set(), reading
        assert max(reading.fetched.values()) <= 10, reading
    reading = await reading_of(observed, lambda it: leave_home(it, seeded.user_id, 7))
    assert reading.whole & LONG == set(), reading
    assert max(reading.fetched.values()) <= 10, reading
