"""Lists of documents read by index what they show, and not what the company, or another one, has beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from support.observed import Observed, Reading, observed_api

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.documents.models import DOCUMENT_SORTS
from kronika.storage.files import Files

DOCUMENTS = 6_000
"""Of each company; half of them are invoices, a 100th is open, each of the contacts has as many."""
CONTACTS = 300
LONG = {"documents", "contacts", "timelines"}

# The stranger has the same, number by number. What was made later was issued later and has a higher number, so what
# lies together in one order does so in all: it is then that walking along the wrong index is dearest.
_SEED = (
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'client' FROM generate_series(1, %(contacts)s), unnest(%(companies)s) company
    """,
    """
    INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
    SELECT company_id, id, 'client', 'company', 'x', true, clock(), clock() FROM timelines
    """,
    """
    INSERT INTO documents (company_id, type, document_id, number, issue_date, due_date, contact_kind, contact_id, total,
                           currency_id, paid, created_at, updated_at)
    SELECT c.company_id, CASE WHEN n %% 2 = 0 THEN 'invoice' WHEN n %% 100 = 1 THEN 'quotation' ELSE 'order' END, n,
        'FA' || lpad(n::text, 6, '0'), date '2000-01-01' + n / 4, date '2000-01-15' + n / 4, 'client', c.id, n, 1,
        CASE WHEN n %% 100 = 0 THEN n %% 200 / 2 ELSE n END, clock() + n * interval '1 s', clock() + n * interval '1 s'
    FROM generate_series(1, %(documents)s) numbers (n)
    JOIN (SELECT company_id, id, row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS place FROM contacts) c
        ON c.place = n %% %(contacts)s
    ORDER BY numbers.n, c.company_id
    """,
    """
    INSERT INTO document_counts SELECT company_id, type, is_open, 0, count(*) FROM documents GROUP BY 1, 2, 3
    """,
)


@pytest.fixture(scope="module")
async def seeded(crowded_url: str, crowded_owner: psycopg.Connection, hasher: Hasher) -> tuple[int, int, str]:
    async with owner_transaction(crowded_url) as statements:
        companies = [(await create_company(statements, name)).id for name in ("Acme", "Stranger")]
        token = await issue_token(statements, hasher, companies[0], "tests", "write")
    for statement in _SEED:
        crowded_owner.execute(statement, {"companies": companies, "contacts": CONTACTS, "documents": DOCUMENTS})
    crowded_owner.execute("VACUUM ANALYZE")
    return companies[0], token.id, token.token


@pytest.fixture(scope="module", params=["force_generic_plan", "force_custom_plan"])
async def observed(
    request: pytest.FixtureRequest,
    *,
    seeded: tuple[int, int, str],
    crowded_url: str,
    crowded_owner: psycopg.Connection,
    hasher: Hasher,
    files: Files,
) -> AsyncIterator[Observed]:
    async with observed_api(crowded_url, crowded_owner, hasher, files, request.param) as make:
        yield make(*seeded)


async def reading_of(observed: Observed, total: int, **query: Any) -> tuple[Reading, int]:
    """What the list of `total` documents reads, and how many entries of the indexes of documents."""
    shown: dict[str, Any] = {}

    async def request() -> None:
        shown.update((await observed.api.get("/documents", params=query)).json())

    reading = await observed.reading_of(request)
    assert shown["paginator"]["totalResults"] == total, query
    assert reading.whole.isdisjoint(LONG), (query, reading)
    return reading, sum(n for name, n in reading.entries.items() if name.startswith("documents_"))


@pytest.mark.parametrize("sort", DOCUMENT_SORTS)
async def test_a_page_reads_its_own_rows_wherever_it_is(observed: Observed, sort: str):
    for way in ("asc", "desc"):
        # A page past the middle is reached from the end: it passes over what is behind it.
        for page, passed in ((1, 0), (200, 2_000), (500, 1_000), (DOCUMENTS // 10, 0)):
            reading, entries = await reading_of(observed, DOCUMENTS, sortBy=sort, sortDirection=way, page=page)
            assert entries <= passed + 40, (way, page, reading)
            # By creation, it is the table's own key that is read, which does not tell what has been deleted.
            assert reading.fetched["documents"] <= (passed if sort == "createdAt" else 0) + 40, (way, page, reading)


async def test_a_page_of_a_kind_is_read_from_its_own_index(observed: Observed):
    for kind, total in (("invoice", DOCUMENTS // 2), ("quotation", DOCUMENTS // 100)):
        for page, passed in ((1, 0), (total // 20, total // 2), (total // 10, 0)):
            reading, entries = await reading_of(observed, total, documentType=kind, page=page)
            assert entries <= passed + 40, (kind, page, reading)
            assert reading.fetched["documents"] <= 40, (kind, page, reading)


async def test_totals_of_kinds_and_of_what_is_unpaid_are_not_counted(observed: Observed):
    for query, total in (
        ({"unpaid": "false"}, DOCUMENTS - DOCUMENTS // 100),
        ({"unpaid": "false", "documentType": "invoice"}, DOCUMENTS // 2 - DOCUMENTS // 100),
        ({"unpaid": "false", "documentType": "order"}, DOCUMENTS // 2 - DOCUMENTS // 100),
        ({"paymentStatus": "paid"}, DOCUMENTS // 2 - DOCUMENTS // 100),
    ):
        reading, entries = await reading_of(observed, total, **query)
        assert entries <= 60, (query, reading)
        assert reading.fetched["documents"] <= 40, (query, reading)


@pytest.mark.parametrize("sort", ["issueDate", "dueDate", "number"])
@pytest.mark.parametrize("way", ["asc", "desc"])
async def test_what_few_documents_have_is_found_without_looking_at_the_others(observed: Observed, sort: str, way: str):
    client = (await observed.api.get("/documents")).json()["data"][0]["clientId"]
    for query, total in (
        ({"clientId": client}, DOCUMENTS // CONTACTS),
        ({"number": "fa0030"}, 100),
        ({"number": "FA003", "documentType": "invoice"}, 500),
        ({"number": "fa003000"}, 1),
        ({"number": "fb"}, 0),
        ({"issueDateFrom": "2002-01-01", "issueDateTo": "2002-01-31"}, 31 * 4),
        ({"dueDateFrom": "2002-01-01", "dueDateTo": "2002-01-31"}, 31 * 4),
    ):
        reading, entries = await reading_of(observed, total, **query, sortBy=sort, sortDirection=way)
        # Once to count and once to sort; by number also those of other kinds.
        assert entries <= 4 * total + 60, (query, reading)
        assert reading.fetched["documents"] <= 4 * total + 60, (query, reading)


async def test_what_is_unpaid_is_read_without_what_is_paid(observed: Observed):
    total = DOCUMENTS // 100
    for query, found in (
        ({"unpaid": "true", "sortBy": "dueDate"}, total),
        ({"unpaid": "true", "sortBy": "dueDate", "documentType": "invoice"}, total),
        ({"paymentStatus": "overdue"}, total),
        ({"paymentStatus": "overdue", "sortBy": "dueDate", "sortDirection": "asc"}, total),
        ({"paymentStatus": "overdue", "documentType": "invoice", "sortBy": "number"}, total),
        ({"paymentStatus": "unpaid"}, 0),
        ({"paymentStatus": "partially_paid", "sortBy": "number"}, 0),
    ):
        reading, entries = await reading_of(observed, found, **query)
        assert entries <= 2 * total + 60, (query, reading)
        assert reading.fetched["documents"] <= 2 * total + 60, (query, reading)
