"""Home: what happened in the whole company since one was last here, and how things stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from html import unescape

import psycopg
import pytest
from support.api import Api
from support.board import new_status
from support.couriers import until
from support.documents import fed, paid, said
from support.home import happened, note
from support.people import Person, without_token
from support.records import end_timeline
from support.watching import Watching, watching
from web.test_contacts import HOSTILE
from web.test_live import told

from kronika.app import create_app
from kronika.changes import following, stream
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.events import across
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files


async def test_who_comes_to_a_company_comes_to_its_home(jana: Person):
    for path in ("/", jana.company):
        assert (await jana.get(path)).headers["location"] == f"{jana.company}/home"
    page = await jana.get(f"{jana.company}/home")
    assert re.search(r'href="[^"]*/home" aria-current="page"', page.text)


async def test_a_new_company_is_told_what_to_do_first(jana: Person, peter: Person):
    page = (await jana.get(f"{jana.company}/home")).text
    for link in ("/clients/new", "/integrations/tokens"):
        assert f'href="{jana.company}{link}"' in page
    assert "Nothing is waiting to be paid." in page
    assert "Nothing in the last 12 months." in page
    # Who may not make tokens is not sent there.
    assert "/integrations/tokens" not in (await peter.get(f"{peter.company}/home")).text


async def test_what_happened_on_every_timeline_is_told_newest_first_with_whose_it_is(
    jana: Person, eve: Person, plain_api: Api, stranger: Api
):
    client, supplier = await plain_api.new_client(name="Acme"), await plain_api.new_supplier(name="Bags")
    case = await plain_api.new_case(clientId=client, name="Deal")
    await note(plain_api, "first", clientId=client)
    await fed(plain_api, client, 1, number="FV1")
    await note(plain_api, "second", supplierId=supplier)
    last = await note(plain_api, HOSTILE, businessCaseId=case)
    page = await jana.get(f"{jana.company}/home")
    assert happened(page) == [HOSTILE, "second", "Invoice FV1", "first"]
    for path, name in ((f"clients/{client}", "Acme"), (f"suppliers/{supplier}", "Bags"), (f"cases/{case}", "Deal")):
        assert f'<a class="whose-is" href="{jana.company}/{path}">{name}</a>' in page.text
    assert f'href="{jana.company}/events/{last}"' in page.text
    assert "<script>alert" not in page.text
    assert happened(await eve.get(f"{eve.company}/home")) == ["Stranger's note"]
    # To be changed they are looked at where they belong.
    assert "data-edit" not in page.text


async def test_what_is_deleted_is_not_told_nor_what_went_with_its_timeline(
    jana: Person, plain_api: Api, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    client, other = await plain_api.new_client(), await plain_api.new_client()
    gone = await note(plain_api, "gone", clientId=client)
    await note(plain_api, "stays", clientId=client)
    for number in range(4):
        await note(plain_api, f"with it {number}", clientId=other)
    await plain_api.delete(f"/contact-activity-logs/{gone}")
    end_timeline(owner, other)
    assert happened(await jana.get(f"{jana.company}/home")) == ["stays"]
    # However many have gone, so many are looked at, and it goes on behind them.
    monkeypatch.setattr(across, "MOST_LOOKED_AT", 2)
    page = await jana.get(f"{jana.company}/home")
    for _ in range(2):
        assert happened(page) == []
        (more,) = re.findall(r'<p class="more"><a class="button" href="([^"]*)"', page.text)
        page = await jana.get(unescape(more))
    assert happened(page) == ["stays"]


async def test_it_goes_on_without_scripts_and_with_them(jana: Person, plain_api: Api, owner: psycopg.Connection):
    client = await plain_api.new_client()
    names = [f"n{number}" for number in range(85)]
    for name in names:
        await note(plain_api, name, clientId=client)
    page = await jana.get(f"{jana.company}/home")
    found = happened(page)
    for _ in range(2):
        (more,) = re.findall(r'<p class="more"><a class="button" href="([^"]*)"', page.text)
        part = await jana.get(unescape(more), headers={"X-Part": "1"})
        page = await jana.get(unescape(more))
        assert happened(part) == happened(page)
        assert "<html" not in part.text
        found += happened(page)
    assert found == names[::-1]
    assert 'class="more"' not in page.text


async def test_how_things_stand_cases_by_status_and_what_is_to_be_paid(jana: Person, plain_api: Api, stranger: Api):
    offer = await new_status(plain_api, name="Offer", color="#22aa44")
    await new_status(plain_api, name="Won", color="#3b82f6")
    client, supplier = await plain_api.new_client(name="Acme"), await plain_api.new_supplier(name="Bags")
    for status in (offer, offer, None):
        await plain_api.new_case(clientId=client, statusId=status)
    yesterday = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011 - the day before any zone's today but one
    late = (date.fromisoformat(yesterday) - timedelta(days=3)).isoformat()
    await fed(plain_api, client, 1, number="LATE", dueDate=late, totalWithVat=1000.10)
    await fed(plain_api, client, 2, number="SOON", totalWithVat=0.2)
    await fed(plain_api, client, 3, number="KC", totalWithVat=100, currencyId=5, currencyRate=25)
    await fed(plain_api, client, 4, number="DONE", totalWithVat=5)
    await paid(plain_api, 4)
    await fed(plain_api, client, 5, "credit-note", number="BACK", totalWithVat=-0.3, dueDate=None)
    await plain_api.put(
        "/documents/received-invoice/1", said(supplierId=supplier, number="OURS", totalWithVat=77, dueDate=late)
    )
    await fed(stranger, await stranger.new_client(), 9, number="ALIEN", totalWithVat=9999)
    page = (await jana.get(f"{jana.company}/home")).text
    piles = re.findall(r'statusId=(\w+)">.*?<span class="number">(\d+)</span>', page, re.DOTALL)
    assert [(offer_id == str(offer), n) for offer_id, n in piles] == [(True, "2"), (False, "0"), (False, "1")]
    assert "view=list&amp;statusId=none" in page or "view=list&statusId=none" in page
    owed = re.sub(r"<[^>]*>|\s+", " ", re.findall(r'<dl class="owed">.*?</dl>', page, re.DOTALL)[0])
    owed = re.sub(r" +", " ", owed)
    assert "By clients €1,000.00 1 overdue, €1,000.10" in owed
    assert "By clients CZK100.00" in owed
    assert "To suppliers €77.00 1 overdue, €77.00" in owed
    assert "9,999" not in page
    urgent = re.findall(r'documents/[\w-]+/\d+">(\w+)</a></p>\s*<p class="amount">', page)
    assert urgent == ["LATE", "OURS", "SOON", "KC", "BACK"]
    assert 'documents?state=overdue&sort=due">Show all 2 overdue' in page


async def test_a_script_is_given_the_events_it_asks_for_and_only_those_of_the_company(
    jana: Person, eve: Person, plain_api: Api
):
    client = await plain_api.new_client(name="Acme")
    first, second = await note(plain_api, "one", clientId=client), await note(plain_api, "two", clientId=client)
    await plain_api.delete(f"/contact-activity-logs/{second}")
    ids = f"{first},{second},x,,{'9' * 30}"
    part = await jana.get(f"{jana.company}/home/events?ids={ids}", headers={"X-Part": "1"})
    assert happened(part) == ["one"]
    assert "Acme" in part.text
    assert happened(await eve.get(f"{eve.company}/home/events?ids={ids}")) == []
    for path in ("home", "home/events", "home/live"):
        assert (await eve.get(f"{jana.company}/{path}")).status_code == 404
    assert (await eve.submit(f"{jana.company}/home/left", {"event": str(first)})).status_code == 404


@pytest.mark.parametrize(
    "query", ["before=x", "before=0", "before=99999999999999999999", "before=5&seen=9&at=1", "seen=x"]
)
async def test_odd_addresses_are_no_mistakes(jana: Person, query: str):
    for at in ("", "&at=99999999999999999999", "&at=-1"):
        assert (await jana.get(f"{jana.company}/home?{query}{at}")).status_code == 200


@pytest.fixture
def watch(
    database: Database, hasher: Hasher, files: Files, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Person, str], AbstractAsyncContextManager[Watching]]:
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))

    def watch(person: Person, path: str) -> AbstractAsyncContextManager[Watching]:
        path, _, query = path.partition("?")
        return watching(app, f"{person.company}/{path}", query, cookie=f"kronika={person.session}")

    return watch


async def test_what_happens_anywhere_in_the_company_is_told_live_and_nothing_of_others(
    jana: Person,
    eve: Person,
    plain_api: Api,
    stranger: Api,
    watch: Callable[..., AbstractAsyncContextManager[Watching]],
):
    client, other = await plain_api.new_client(), await plain_api.new_supplier()
    async with watch(jana, "home/live") as there, watch(eve, "home/live") as theirs:
        await until(lambda: there.sent and theirs.sent)
        ids = [await note(plain_api, "Secret", clientId=client), await note(plain_api, "b", supplierId=other)]
        foreign = await note(stranger, "c", clientId=await stranger.new_client())
        await until(lambda: set(told(there)) == set(ids) and told(theirs) == [foreign])
        assert b"Secret" not in there.sent


async def test_the_page_of_a_document_is_told_of_that_document_alone(
    jana: Person,
    eve: Person,
    plain_api: Api,
    stranger: Api,
    watch: Callable[..., AbstractAsyncContextManager[Watching]],
):
    client = await plain_api.new_client()
    await fed(plain_api, client, 1)
    page = (await jana.get(f"{jana.company}/documents/invoice/1")).text
    (address,) = re.findall(r'data-live="/c/\d+/(documents/live\?document=\d+)"', page)
    await fed(plain_api, client, 2)
    async with watch(jana, address) as there, watch(eve, address) as theirs:
        await until(lambda: there.sent and theirs.sent)
        await paid(plain_api, 2)
        payment = (await paid(plain_api, 1))["id"]
        await until(lambda: b"data: true" in there.sent)
        before = there.sent.count(b"data: true")
        await plain_api.delete(f"/document-payments/{payment}")
        await until(lambda: there.sent.count(b"data: true") > before)
        assert b"data: true" not in theirs.sent
    assert (await jana.get(f"{jana.company}/documents/live")).status_code == 404


async def test_a_company_that_is_not_his_is_the_page_of_none(jana: Person, eve: Person):
    pages = [await eve.get(f"{jana.company}/home"), await eve.get("/c/999999999/home")]
    assert {page.status_code for page in pages} == {404}
    assert len({without_token(page) for page in pages}) == 1
