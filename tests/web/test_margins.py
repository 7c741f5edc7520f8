"""What stands beside a timeline."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from support.api import Api
from support.board import new_status
from support.documents import fed, paid
from support.people import Person
from support.records import put_event
from web.test_contacts import HOSTILE

from kronika.db.pool import Database
from kronika.timelines.queries import events_before
from kronika.web.relations.margins import activity_of, month_starts

BARS = re.compile(r"<title>([^<:]*): ([\d,]+)</title>")


async def test_facts_are_there_as_far_as_they_are_known(jana: Person, plain_api: Api, stranger: Api):
    await stranger.new_client(name="Alien")
    known = await plain_api.new_client(
        name="Trade", email="a+b@example.test", street="Hlavná 1", city="Žilina", zip="010 01", countryId=703,
        subjectId="36421928", vatId="SK20", deliveryCity="Martin",
    )  # fmt: skip
    page = (await jana.get(f"{jana.company}/clients/{known}")).text
    assert 'href="mailto:a%2Bb@example.test"' in page
    assert "Hlavná 1<br>010 01 Žilina<br>Slovakia" in page
    for fact in ("36421928", "SK20", "VAT payer", "Martin"):
        assert fact in page
    unknown = await plain_api.new_supplier(name="Only a name")
    page = (await jana.get(f"{jana.company}/suppliers/{unknown}")).text
    assert "Nothing but the name is known yet." in page
    assert "Nothing in the last 12 months." in page
    assert "None yet. They come from your invoicing system." in page
    assert f'href="{jana.company}/suppliers/{unknown}/edit"' in page


async def test_the_newest_cases_and_documents_are_shown_and_all_are_counted(
    jana: Person, plain_api: Api, stranger: Api
):
    status_id = await new_status(plain_api, name="Offer", color="#22aa44")
    client_id = await plain_api.new_client()
    for number in range(7):
        await plain_api.new_case(name=f"Deal {number}", clientId=client_id, statusId=status_id)
    for number in range(6):
        await fed(
            plain_api, client_id, 92_000_001 + number, number=f"FV{number}", issueDate=f"2026-01-0{number + 1}",
            dueDate="2026-02-01", totalWithVat=1234.5, currencyId=1,
        )  # fmt: skip
    await paid(plain_api, 92_000_006)
    await stranger.new_case(name="Alien")
    page = (await jana.get(f"{jana.company}/clients/{client_id}")).text
    assert re.findall(r"Deal \d", page) == ["Deal 6", "Deal 5", "Deal 4", "Deal 3", "Deal 2"]
    assert f'<a href="{jana.company}/cases?clientId={client_id}">Show all 7</a>' in page
    assert 'fill="#22aa44"' in page
    numbers = re.findall(r'documents/invoice/\d+">(FV\d)</a>', page)
    assert numbers == ["FV5", "FV4", "FV3", "FV2", "FV1"]
    assert '<span class="tag good">paid</span>' in page
    assert '<span class="tag bad">overdue</span>' in page
    assert "€1,234.50" in page
    assert 'Documents <span class="count">6</span>' in page
    slovak = (await jana.get(f"{jana.company}/clients/{client_id}", headers={"Accept-Language": "sk"})).text
    assert "1\xa0234,50\xa0€" in slovak
    assert "po splatnosti" in slovak


async def test_a_case_tells_whose_it_is_its_status_and_its_own_documents_only(jana: Person, plain_api: Api):
    status_id, client_id = await new_status(plain_api, name="Won"), await plain_api.new_client(name="Trade")
    case_id = await plain_api.new_case(clientId=client_id, statusId=status_id, description=HOSTILE)
    await fed(plain_api, client_id, 93_000_001, number="OURS", businessCaseId=case_id)
    await fed(plain_api, client_id, 93_000_002, number="THEIRS")
    page = (await jana.get(f"{jana.company}/cases/{case_id}")).text
    assert f'<a href="{jana.company}/clients/{client_id}">Trade</a>' in page
    assert "Won" in page
    assert "OURS" in page
    assert "THEIRS" not in page
    assert "<script>alert" not in page


async def test_a_year_of_activity_counts_every_event_in_the_month_it_was_in_there(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    owner.execute("UPDATE companies SET time_zone = 'Pacific/Auckland' WHERE id = %s", [jana.company_id])
    client_id = await plain_api.new_client()
    now = datetime.now(UTC)
    put_event(owner, jana.company_id, client_id, "note", now)
    put_event(owner, jana.company_id, client_id, "email", now)
    put_event(owner, jana.company_id, client_id, "note", now - timedelta(days=400))
    bars = BARS.findall((await jana.get(f"{jana.company}/clients/{client_id}")).text)
    assert len(bars) == 12
    assert [n for _, n in bars] == ["0"] * 11 + ["2"]


async def test_events_before_a_moment_are_counted_exactly_however_a_timeline_is_cut_into_blocks(
    database: Database, plain_api: Api, owner: psycopg.Connection
):
    client_id = await plain_api.new_client()
    start = datetime(2025, 1, 1, tzinfo=UTC)
    # As the product cuts it, only shorter: many in one second, and a late one in a closed block.
    with owner.transaction():
        owner.execute("CREATE OR REPLACE FUNCTION block_size() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 4")
        hours = [0, 0, 0, 1, 1, 2, 5, 5, 5, 5, 5, 5, 6, 9, 30, 31, 32, 33, 34, 35, 2, 2, 2, 2, 2, 5]
        for hour in hours:
            put_event(owner, plain_api.company_id, client_id, "note", start + timedelta(hours=hour))
        owner.execute("CREATE OR REPLACE FUNCTION block_size() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 500")
    blocks = owner.execute("SELECT count(*) AS n FROM timeline_blocks WHERE timeline_id = %s", [client_id]).fetchone()
    assert blocks["n"] > 3
    asked = [-1, 0, 1, 2, 3, 5, 6, 7, 30, 34, 99]
    async with database.transaction(plain_api.company_id) as transaction:
        found = await events_before(transaction, client_id, [start + timedelta(hours=hour) for hour in asked])
    assert found == [sum(hour < moment for hour in hours) for moment in asked]


@pytest.mark.parametrize(
    ("today", "first", "last"), [("2026-03-31", "2025-04-01", "2026-04-01"), ("2026-12-01", "2026-01-01", "2027-01-01")]
)
def test_a_year_ends_with_this_month(today: str, first: str, last: str):
    days = month_starts(date.fromisoformat(today))
    assert (len(days), days[0].isoformat(), days[-1].isoformat()) == (13, first, last)


def test_the_busiest_month_has_the_tallest_bar_and_a_single_event_is_seen():
    activity = activity_of(month_starts(date(2026, 3, 1)), [10, 10, 11, 1011, *[1011] * 9])
    assert [month.height for month in activity.months][:4] == [0, 3, 28, 0]
    assert activity.total == 1001
    assert activity.busiest.events == 1000


async def test_a_script_asks_for_the_margin_alone(jana: Person, plain_api: Api):
    here = f"{jana.company}/clients/{await plain_api.new_client(name='Acme', email='a@acme.test')}"
    part = await jana.get(f"{here}?margin=1", headers={"X-Part": "1"})
    assert part.status_code == 200
    assert "a@acme.test" in part.text
    assert "<html" not in part.text
    assert 'id="timeline"' not in part.text
