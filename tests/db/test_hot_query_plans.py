"""The hot routes read what they need by index, however much there is: never a whole table, never a whole timeline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.observed import Observed, observed_api

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.events.stretches import Place, View, ids_by_timeline, read_stretch, read_these
from kronika.storage.files import Files

EVENTS = "/contact-activity-logs"
LONG_TIMELINE = 20_000
BLOCK = 500
TYPES = ("note", "email", "phone_call", "document_linked")
TIMELINE = "events_by_time"

# The long timeline, cut into blocks as the product cuts it; many short ones beside it, ours and the stranger's; and
# enough of everything else that reading a table whole would be a choice and not a matter of course.
_SEED = (
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
    INSERT INTO documents (company_id, type, document_id, number, issue_date, contact_kind, contact_id, total,
                           currency_id, created_at, updated_at)
    SELECT company_id, 'invoice', row_number() OVER (ORDER BY company_id, id), 'x', '2026-01-01', 'client', id, 121, 1,
        clock(), clock()
    FROM contacts
    """,
    """
    INSERT INTO events (company_id, timeline_id, type, content, email, person_name, document_id, created_at, updated_at,
                        created_by)
    SELECT %(company)s, %(client)s, t.type, CASE WHEN t.type <> 'document_linked' THEN 'x' END,
        CASE t.type WHEN 'email' THEN 'x@example.test' END, CASE t.type WHEN 'phone_call' THEN 'x' END,
        CASE t.type WHEN 'document_linked' THEN t.document END, t.at, t.at, 'system'
    FROM (SELECT (enum_range(NULL::event_type))[1 + n %% 4] AS type,
              timestamptz '2026-01-01' + n * interval '1 s' AS at,
              documents[1 + n %% cardinality(documents)] AS document
          FROM generate_series(1, %(events)s) n,
              (SELECT array_agg(id) AS documents FROM documents WHERE company_id = %(company)s) ours) t
    """,
    """
    INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
    SELECT %(company)s, %(client)s, min(created_at), min(id),
        ARRAY[count(*) FILTER (WHERE type = 'note'), count(*) FILTER (WHERE type = 'email'),
              count(*) FILTER (WHERE type = 'phone_call'),
              count(*) FILTER (WHERE type = 'document_linked'), 0, 0, 0, 0]::integer[]
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
                      count(*) FILTER (WHERE type = 'phone_call'),
                      count(*) FILTER (WHERE type = 'document_linked'), 0, 0, 0, 0]::integer[]
                  FROM events WHERE timeline_id = %(client)s)
    FROM tail WHERE timelines.id = %(client)s
    """,
    """
    INSERT INTO events (company_id, timeline_id, type, content, created_at, updated_at, created_by)
    SELECT company_id, id, 'note', 'x', clock(), clock(), 'system'
    FROM timelines, generate_series(1, 3) WHERE id <> %(client)s
    """,
    """
    INSERT INTO event_words (company_id, event_id, stretch, words)
    SELECT company_id, id, 0, placed_words(company_id, 0, 'x') FROM events WHERE type <> 'document_linked'
    """,
    """
    INSERT INTO event_stretches (company_id, stretch, starts_id)
    SELECT %(stranger)s, n, 1 FROM generate_series(1, 3000) n
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
    company_id, token_id, token, _ = seeded
    async with observed_api(crowded_url, crowded_owner, hasher, files, request.param) as make:
        yield make(company_id, token_id, token)


@pytest.fixture(scope="module")
def client_id(seeded: tuple[int, int, str, int]) -> int:
    return seeded[3]


def test_the_seed_is_cut_into_blocks_as_the_product_cuts_a_timeline(
    crowded_owner: psycopg.Connection, seeded: tuple[int, int, str, int]
):
    row = crowded_owner.execute(
        "SELECT block_size() AS size, tally(t.counts, NULL) AS events, (SELECT count(*) FROM timeline_blocks b"
        " WHERE b.timeline_id = t.id) AS blocks FROM timelines t WHERE t.id = %s",
        [seeded[3]],
    ).fetchone()
    assert row == {"size": BLOCK, "events": LONG_TIMELINE, "blocks": LONG_TIMELINE // BLOCK - 1}


@pytest.mark.parametrize("type_", [None, "email", "document_linked"])
@pytest.mark.parametrize("per_page", [10, 200])
@pytest.mark.parametrize("where", ["first", "middle", "last"])
async def test_a_page_anywhere_reads_a_few_blocks_of_the_index_and_its_own_rows(
    observed: Observed, client_id: int, where: str, per_page: int, type_: str | None
):
    total = LONG_TIMELINE if type_ is None else -(-LONG_TIMELINE // len(TYPES))
    pages = -(-total // per_page)
    page = {"first": 1, "middle": pages // 2, "last": pages}[where]
    query = {"clientId": client_id, "page": page, "perPage": per_page} | ({"type": type_} if type_ else {})
    shown: list[Any] = []

    async def request() -> None:
        body = await observed.api.timeline(**query)
        assert abs(body["paginator"]["totalResults"] - total) <= 100
        shown.extend(body["data"])

    reading = await observed.reading_of(request)
    assert reading.whole == set(), reading
    assert 0 < len(shown) <= per_page
    assert reading.fetched["events"] <= 2 * per_page + 100, reading
    blocks = 2 + per_page * (len(TYPES) if type_ else 1) // BLOCK
    assert reading.entries[TIMELINE] <= blocks * BLOCK + per_page, reading
    # One of them each, by its key, for an event that shows it.
    about = sum("relatedDocument" in event["metadata"] for event in shown)
    assert reading.fetched["documents"] == about, reading
    assert bool(about) == (type_ != "email")
    assert reading.fetched["timeline_blocks"] <= LONG_TIMELINE // BLOCK + 1, reading


@pytest.mark.parametrize("view", ["all", "people", "email", "files"])
async def test_a_stretch_as_people_read_it_reads_its_own_rows_wherever_it_begins(
    observed: Observed, client_id: int, view: View
):
    begins = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    for seconds in (LONG_TIMELINE, LONG_TIMELINE // 2, 100):
        place = Place(begins + seconds, 0)

        async def read(place: Place = place) -> None:
            async with observed.database.transaction(observed.api.company_id) as transaction:
                await read_stretch(transaction, client_id, view, before=place, limit=41)

        reading = await observed.reading_of(read)
        assert reading.whole == set(), (seconds, reading)
        assert reading.entries[TIMELINE] <= 2 * BLOCK, (seconds, reading)
        assert reading.fetched["events"] <= 2 * BLOCK, (seconds, reading)


async def test_an_event_is_read_by_its_id_and_not_along_its_timeline(
    observed: Observed, crowded_owner: psycopg.Connection, client_id: int
):
    row = crowded_owner.execute("SELECT min(id) + 7 AS id FROM events WHERE timeline_id = %s", [client_id]).fetchone()

    async def read() -> None:
        async with observed.database.transaction(observed.api.company_id) as transaction:
            await read_these(transaction, client_id, [row["id"]])
            await ids_by_timeline(transaction, [row["id"]])

    reading = await observed.reading_of(read)
    assert reading.whole == set(), reading
    assert reading.entries[TIMELINE] == 0, reading
    assert reading.fetched["events"] <= 3, reading


async def test_recording_reads_a_handful_of_rows(observed: Observed, client_id: int):
    for key in (None, "fresh", "fresh"):
        reading = await observed.reading_of(lambda key=key: observed.api.record(key, clientId=client_id))
        assert reading.whole == set(), (key, reading)
        assert max(reading.fetched.values()) <= 10, (key, reading)
        assert reading.entries[TIMELINE] <= 5, (key, reading)


async def test_linking_a_document_reads_a_handful_of_rows(observed: Observed, client_id: int):
    link = {"type": "document_linked", "metadata": {"documentType": "invoice", "documentId": 7}}
    for key in (None, "linked", "linked"):
        recorded: list[int] = []

        async def request(key: str | None = key, recorded: list[int] = recorded) -> None:
            recorded.append((await observed.api.record(key, clientId=client_id, **link)).status_code)

        reading = await observed.reading_of(request)
        assert recorded == [201]
        assert reading.whole == set(), (key, reading)
        assert max(reading.fetched.values()) <= 10, (key, reading)
        assert reading.entries[TIMELINE] <= 5, (key, reading)


async def test_an_event_of_the_past_reads_no_more_than_its_block(observed: Observed, client_id: int):
    event_id = observed.owner.execute(
        "SELECT id FROM events WHERE timeline_id = %s AND deleted_at IS NULL"
        " AND created_at > '2026-01-01T02:00:00Z' ORDER BY created_at LIMIT 1",
        [client_id],
    ).fetchone()["id"]
    for request in (
        lambda: observed.api.get(f"{EVENTS}/{event_id}"),
        lambda: observed.api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "x", "email": "y@example.test"}}),
        lambda: observed.api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "Corrected"}}),
        lambda: observed.api.delete(f"{EVENTS}/{event_id}"),
        lambda: observed.api.get(f"{EVENTS}/{event_id}"),
    ):
        reading = await observed.reading_of(request)
        assert reading.whole == set(), reading
        assert max(reading.fetched.values()) <= 10, reading
        assert reading.entries[TIMELINE] <= 10, reading


async def test_what_is_refused_reads_as_little(observed: Observed, client_id: int):
    for request in (
        lambda: observed.api.record(clientId=999_999_999),
        lambda: observed.api.record("fresh", clientId=client_id, type="email"),
        lambda: observed.api.timeline(clientId=999_999_999),
        lambda: observed.api.get("/whoami"),
        lambda: observed.api.get(f"/clients/{client_id}"),
    ):
        reading = await observed.reading_of(request)
        assert reading.whole == set(), reading
        assert max(reading.fetched.values()) <= 10, reading


@pytest.mark.parametrize(("query", "most"), [("zzz", 0), ("x", 1100)])
async def test_a_search_looks_up_what_it_finds_and_reads_no_table_whole(observed: Observed, query: str, most: int):
    """Each event has the word x: the newest are enough."""
    wish = {"query": query, "type": "contactActivityLog", "perPage": 10}
    reading = await observed.reading_of(lambda: observed.api.get("/search", params=wish))
    # There is none here to look up.
    assert reading.whole <= {"business_cases"}, reading
    assert reading.fetched["events"] <= most, reading
