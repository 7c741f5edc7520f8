"""Lists and searches read by index what they show, and not what the company, or another one, has beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import md5

import psycopg
import pytest
from support.observed import Observed, observed_api

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.feed.queries import contacts_called
from kronika.storage.files import Files

CONTACTS = 6_000
"""Of each company: half of them clients."""
CASES = 3_000
TOWNS = 100
LONG = {"contacts", "business_cases", "timelines"}

# The stranger has the same, name by name.
_SEED = (
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, CASE WHEN n %% 2 = 0 THEN 'client' ELSE 'supplier' END::timeline_kind
    FROM generate_series(1, %(contacts)s) n, unnest(%(companies)s) company
    """,
    """
    INSERT INTO contacts (company_id, id, kind, type, name, subject_id, tax_id, vat_id, is_vat_payer, city, zip,
                          country_id, created_at, updated_at)
    SELECT company_id, id, kind::text::contact_kind, 'company', 'Žilinská ' || md5(n::text), n::text, n::text, n::text,
        true, 'Mesto' || n %% %(towns)s || 'x', lpad(n::text, 5, '0'), CASE WHEN n %% 500 = 0 THEN 40 ELSE 703 END,
        clock() + n * interval '1 s', clock() - n * interval '1 s'
    FROM (SELECT *, row_number() OVER (PARTITION BY company_id, kind ORDER BY id) AS n FROM timelines) t
    """,
    """
    INSERT INTO contact_counts SELECT company_id, kind, type, country_id, 0, count(*) FROM contacts GROUP BY 1, 2, 3, 4
    """,
    """
    INSERT INTO business_case_statuses (company_id, name, color, position)
    SELECT company, 'x', '#000', n FROM unnest(%(companies)s) company, generate_series(0, 1) n
    """,
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'business_case' FROM generate_series(1, %(cases)s), unnest(%(companies)s) company
    """,
    """
    INSERT INTO business_cases (company_id, id, contact_id, status_id, board_position, name, description, created_at,
                                updated_at)
    SELECT t.company_id, t.id, c.id, s.id, t.n / 3, 'Prípad ' || md5(t.n::text), 'Mesto' || t.n %% %(towns)s || 'x',
        clock() + t.n * interval '1 s', clock() - t.n * interval '1 s'
    FROM (SELECT *, row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS n
          FROM timelines WHERE kind = 'business_case') t
    JOIN (SELECT *, row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS n
          FROM contacts WHERE kind = 'client') c ON c.company_id = t.company_id AND c.n = t.n / 2
    LEFT JOIN business_case_statuses s ON s.company_id = t.company_id AND s.position = t.n %% 3
    """,
)


@pytest.fixture(scope="module")
async def seeded(crowded_url: str, crowded_owner: psycopg.Connection, hasher: Hasher) -> tuple[int, int, str]:
    async with owner_transaction(crowded_url) as statements:
        companies = [(await create_company(statements, name)).id for name in ("Acme", "Stranger")]
        token = await issue_token(statements, hasher, companies[0], "tests", "write")
    values = {"companies": companies, "contacts": CONTACTS, "cases": CASES, "towns": TOWNS}
    for statement in _SEED:
        crowded_owner.execute(statement, values)
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


async def test_a_page_of_contacts_reads_its_own_rows_wherever_it_is(observed: Observed):
    clients = CONTACTS // 2
    for sort in ("name", "city", "zip", "countryId", "createdAt", "updatedAt"):
        for direction in ("asc", "desc"):
            for page, passed in ((1, 0), (200, 2_000), (clients // 10, 0)):
                query = {"sortBy": sort, "sortDirection": direction, "page": page}
                shown: dict = {}

                async def request(query: dict = query, shown: dict = shown) -> None:
                    shown.update((await observed.api.get("/clients", params=query)).json())

                reading = await observed.reading_of(request)
                assert len(shown["data"]) == 10
                assert shown["paginator"]["totalResults"] == clients
                assert reading.whole.isdisjoint(LONG), (query, reading)
                # Rows that were changed since the last vacuum are looked at in the table, too.
                assert reading.fetched["contacts"] <= 60, (query, reading)
                # A page past the middle is reached from the end: it passes over what is behind it.
                behind = min(passed, clients - passed)
                entries = sum(n for name, n in reading.entries.items() if name.startswith("contacts_by"))
                assert entries <= behind + 20, (query, reading)


@pytest.mark.parametrize(
    ("path", "query", "total", "most"),
    [
        ("/clients", {"subjectId": "77"}, 1, 10),
        ("/clients", {"taxId": "77"}, 1, 10),
        ("/clients", {"vatId": "77"}, 1, 10),
        ("/clients", {"countryId": 40}, 6, 40),
        ("/clients", {"search": "mesto77x"}, CONTACTS // 2 // TOWNS, 400),
        ("/suppliers", {"search": "mesto77x"}, CONTACTS // 2 // TOWNS, 400),
        ("/contacts", {"search": "mesto77x zilin"}, CONTACTS // TOWNS, 400),
        ("/clients", {"search": "00077"}, None, 100),
        ("/clients", {"search": "austria"}, 6, 100),
        ("/clients", {"search": "nowhere at all"}, 0, 10),
    ],
)
async def test_what_few_contacts_have_is_found_without_looking_at_the_others(
    observed: Observed, path: str, query: dict, total: int | None, most: int
):
    shown: dict = {}

    async def request() -> None:
        shown.update((await observed.api.get(path, params={**query, "page": 1})).json())

    reading = await observed.reading_of(request)
    assert total is None or shown["paginator"]["totalResults"] == total
    assert reading.whole.isdisjoint(LONG), reading
    assert reading.fetched["contacts"] <= most, reading


async def test_contacts_that_a_table_calls_by_id_or_name_are_found_by_index(observed: Observed):
    called: dict[str, list[int]] = {}

    async def ask() -> None:
        async with observed.database.transaction(observed.api.company_id) as transaction:
            called.update(
                await contacts_called(
                    transaction, "client", ["77", f"ZILINSKA {md5(b'78', usedforsecurity=False).hexdigest()}", "x"]
                )
            )

    reading = await observed.reading_of(ask)
    assert [len(ids) for ids in called.values()] == [1, 1, 0]
    assert reading.whole.isdisjoint(LONG), reading
    assert reading.fetched["contacts"] <= 10, reading


async def test_a_page_of_cases_reads_its_own_rows_wherever_it_is(observed: Observed):
    for sort in ({}, *({"sortBy": sort} for sort in ("name", "createdAt", "updatedAt", "boardPosition"))):
        for page, passed in ((1, 0), (100, 1_000), (CASES // 10, 0)):
            reading = await observed.reading_of(
                lambda query={**sort, "page": page}: observed.api.get("/business-cases", params=query)
            )
            assert reading.whole.isdisjoint(LONG), (sort, page, reading)
            assert reading.fetched["business_cases"] <= 30, (sort, page, reading)
            entries = sum(n for name, n in reading.entries.items() if name.startswith("business_cases_by"))
            assert entries <= passed + 40, (sort, page, reading)


async def test_a_column_of_the_board_is_read_from_its_index(observed: Observed):
    statuses = (await observed.api.get("/business-case-statuses")).json()["data"]
    for status in (statuses[0]["id"], "null"):
        query = {"statusId": status, "sortBy": "boardPosition", "sortDirection": "asc"}
        reading = await observed.reading_of(lambda query=query: observed.api.get("/business-cases", params=query))
        assert reading.whole.isdisjoint(LONG), reading
        assert reading.fetched["business_cases"] <= 40, reading


async def test_the_cases_of_a_contact_and_those_found_are_read_alone(observed: Observed):
    client = (await observed.api.get("/clients", params={"page": 1})).json()["data"][0]["id"]
    for query, most in (({"clientId": client}, 20), ({"search": "mesto77x"}, 2 * CASES // TOWNS + 40)):
        reading = await observed.reading_of(lambda query=query: observed.api.get("/business-cases", params=query))
        assert reading.whole.isdisjoint(LONG), (query, reading)
        assert reading.fetched["business_cases"] <= most, (query, reading)


async def test_replacing_and_deleting_a_contact_reads_a_handful_of_rows(observed: Observed):
    client = await observed.api.new_client()
    path = f"/clients/{client}"
    for request in (
        lambda: observed.api.request("PUT", path, json={"name": "Replaced", "countryId": 40}),
        lambda: observed.api.get(path),
    ):
        reading = await observed.reading_of(request)
        assert reading.whole.isdisjoint(LONG), reading
        assert reading.fetched["contacts"] <= 10, reading
    reading = await observed.reading_of(lambda: observed.api.delete(path))
    assert reading.whole.isdisjoint(LONG), reading
    assert reading.fetched["contacts"] <= 10, reading
