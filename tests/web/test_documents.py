"""Documents in the browser: found by what their list is asked for, and each with its trail on the timelines."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import httpx2
import psycopg
import pytest
from support.api import Api
from support.documents import TYPES, fed, paid, said
from support.people import Person, without_token
from support.records import end_timeline
from web.test_contacts import HOSTILE, rows

TODAY = date.today()  # noqa: DTZ011 - years away from what is compared


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


async def numbers(who: Person, query: str = "") -> list[str]:
    return rows(await who.get(f"{who.company}/documents?{query}"))


def trail_of(page: httpx2.Response) -> list[str]:
    """What happened to a document, newest first, and on whose timeline."""
    (trail,) = re.findall(r'<div id="trail".*?</section>\s*</div>|<div id="trail".*', page.text, re.DOTALL)[:1]
    lines = re.findall(r'<li class="(?:quiet|event)[^>]*>(.*?)</li>', trail, re.DOTALL)
    return [
        f"{_first(r'<p>([^<]*?):|<h3>(.*?)[ <]', line)} {_first(r'whose-is[^>]*>([^<]*)<', line)}" for line in lines
    ]


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    return "" if found is None else next(filter(None, found.groups())).strip()


@pytest.fixture
async def papers(plain_api: Api, stranger: Api) -> dict[str, int]:
    """Documents of ours in every state, and one of the stranger's that is called as ours are."""
    client, supplier = await plain_api.new_client(name="Acme"), await plain_api.new_supplier(name="Bags")
    case = await plain_api.new_case(clientId=client, name="Deal")
    old, far = days_ago(60), "2999-01-01"
    await fed(plain_api, client, 1, number="2026-001", issueDate=old, dueDate=days_ago(1), totalWithVat=100)
    await fed(plain_api, client, 2, number="2026-002", issueDate=days_ago(50), dueDate=far, totalWithVat=200)
    await paid(plain_api, 2, amount=50)
    await fed(plain_api, client, 3, number="2026-003", issueDate=days_ago(40), dueDate=far, businessCaseId=case)
    await fed(plain_api, client, 4, number="2026-004", issueDate=days_ago(30), dueDate=old, totalWithVat=5)
    await paid(plain_api, 4)
    await plain_api.put(
        "/documents/received-invoice/1", said(supplierId=supplier, number="ŽR-1", issueDate=days_ago(20), dueDate=far)
    )
    await fed(plain_api, client, 7, "order", number="OBJ-7", issueDate=days_ago(10), dueDate=None)
    await fed(stranger, await stranger.new_client(), 1, number="2026-001")
    return {"client": client, "supplier": supplier, "case": case}


async def test_the_list_shows_our_documents_with_all_that_is_to_be_known_at_a_glance(
    jana: Person, eve: Person, papers: dict[str, int]
):
    page = await jana.get(f"{jana.company}/documents")
    assert rows(page) == ["OBJ-7", "ŽR-1", "2026-004", "2026-003", "2026-002", "2026-001"]
    assert 'id="count" data-follows>6</span>' in page.text
    for fact in ("Acme", "Bags", "Received invoice", "€200.00", "€150.00", ">Overdue<", ">Partly paid<", ">Paid<"):
        assert fact in page.text
    assert f'href="{jana.company}/documents/received-invoice/1"' in page.text
    assert re.search(r'href="[^"]*/documents" aria-current="page"', page.text)
    slovak = await jana.get(f"{jana.company}/documents", headers={"Accept-Language": "sk"})
    assert "Prijatá faktúra" in slovak.text
    assert "Čiastočne uhradené" in slovak.text
    assert await numbers(eve) == ["2026-001"]


async def test_each_filter_narrows_the_list_and_all_of_them_together(jana: Person, papers: dict[str, int]):
    assert await numbers(jana, "state=open") == ["ŽR-1", "2026-003", "2026-002", "2026-001"]
    assert await numbers(jana, "state=overdue") == ["2026-001"]
    assert await numbers(jana, "state=partially_paid") == ["2026-002"]
    assert await numbers(jana, "state=unpaid") == ["ŽR-1", "2026-003"]
    assert await numbers(jana, "state=paid") == ["2026-004"]
    assert await numbers(jana, "kind=order") == ["OBJ-7"]
    assert await numbers(jana, "search=zr") == ["ŽR-1"]
    assert await numbers(jana, f"supplierId={papers['supplier']}") == ["ŽR-1"]
    assert await numbers(jana, f"caseId={papers['case']}") == ["2026-003"]
    assert await numbers(jana, f"issuedFrom={days_ago(50)}&issuedTo={days_ago(40)}") == ["2026-003", "2026-002"]
    assert await numbers(jana, f"dueTo={days_ago(1)}") == ["2026-004", "2026-001"]
    assert await numbers(jana, "dueFrom=2999-01-01&dueTo=2999-01-01&kind=invoice") == ["2026-003", "2026-002"]
    both = await jana.get(f"{jana.company}/documents?clientId={papers['client']}&state=open&search=2026&sort=number")
    assert rows(both) == ["2026-001", "2026-002", "2026-003"]
    assert "Only of Acme" in both.text
    assert "3 found." in both.text
    assert f'name="clientId" value="{papers["client"]}"' in both.text


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("issued-first", "2026-001", "OBJ-7"), ("due", "2026-004", "OBJ-7"), ("due-last", "OBJ-7", "2026-004"),
        ("number", "2026-001", "ŽR-1"), ("number-desc", "ŽR-1", "2026-001"), ("total-desc", "2026-002", "2026-004"),
        ("total", "2026-004", "2026-002"), ("newest", "OBJ-7", "2026-001"), ("oldest", "2026-001", "OBJ-7"),
    ],
)  # fmt: skip
async def test_every_order_of_the_api_is_an_order_of_the_list(
    jana: Person, papers: dict[str, int], sort: str, first: str, last: str
):
    found = await numbers(jana, f"sort={sort}")
    assert (found[0], found[-1]) == (first, last)
    changed = await numbers(jana, "sort=changed")
    assert sorted(changed) == sorted(await numbers(jana, "sort=changed-last"))


async def test_odd_addresses_are_no_mistakes_and_hostile_ones_show_nothing(jana: Person, papers: dict[str, int]):
    for query in (
        "sort=x&kind=x&state=x&page=x&issuedFrom=x&dueTo=2026-02-30", "page=999999999999999999", "search=%00",
        "search=" + "%C5%BE" * 3000, "issuedFrom=0000-00-00",
    ):  # fmt: skip
        assert (await jana.get(f"{jana.company}/documents?{query}")).status_code == 200
    page = await jana.get(f"{jana.company}/documents", params={"search": HOSTILE})
    assert rows(page) == []
    assert "<script>alert" not in page.text
    assert "No document matches." in page.text


async def test_a_long_list_has_pages_that_keep_their_wishes(jana: Person, plain_api: Api):
    client = await plain_api.new_client()
    batch = [{"documentType": "invoice", "documentId": n, **said(client, number=f"N{n:03}")} for n in range(1, 28)]
    assert (await plain_api.post("/documents/batch", {"documents": batch})).status_code == 200
    first = await jana.get(f"{jana.company}/documents?kind=invoice&sort=number")
    assert rows(first) == [f"N{n:03}" for n in range(1, 26)]
    (after,) = re.findall(r'rel="next" href="([^"]*)"', first.text)
    assert rows(await jana.get(unescape(after))) == ["N026", "N027"]


async def test_an_empty_list_says_how_documents_come(jana: Person, plain_api: Api):
    page = await jana.get(f"{jana.company}/documents")
    assert "They come from your invoicing system" in page.text
    assert 'href="/docs"' in page.text
    client = await plain_api.new_client(name="Acme")
    assert "No documents of Acme yet." in (await jana.get(f"{jana.company}/documents?clientId={client}")).text


async def test_a_document_has_its_facts_and_its_trail_on_every_timeline(
    jana: Person, plain_api: Api, papers: dict[str, int]
):
    other = await plain_api.new_client(name="Other")
    linked = {"type": "document_linked", "metadata": {"documentType": "invoice", "documentId": 3}}
    link = (await plain_api.record(clientId=other, **linked)).json()["id"]
    await paid(plain_api, 3, amount=21)
    await fed(plain_api, papers["client"], 3, number="2026-003", issueDate=days_ago(40), dueDate="2999-01-01")
    page = await jana.get(f"{jana.company}/documents/invoice/3")
    for fact in ("Invoice 2026-003", "Acme", "€121.00", "€21.00", "€100.00", "invoice 3", "Bank transfer"):
        assert fact in page.text
    assert trail_of(page) == ["Changed Acme", "Payment Deal", "Linked Other", "New Deal"]
    assert f'href="{jana.company}/events/{link}"' in page.text
    # What is gone with its timeline is gone from the trail.
    await plain_api.delete(f"/clients/{other}")
    assert trail_of(await jana.get(f"{jana.company}/documents/invoice/3"))[1:] == ["Payment Deal", "New Deal"]


async def test_a_long_trail_goes_on(jana: Person, plain_api: Api):
    client = await plain_api.new_client()
    for number in range(42):
        await fed(plain_api, client, 1, number=f"N{number}")
    first = await jana.get(f"{jana.company}/documents/invoice/1")
    assert len(trail_of(first)) == 40
    # Its own page hides nothing of it behind "42 document changes".
    assert 'class="fold"' not in first.text
    (more,) = re.findall(r'<p class="more"><a class="button" href="([^"]*)"', first.text)
    assert len(trail_of(await jana.get(unescape(more)))) == 2


async def test_every_kind_of_document_has_a_page(jana: Person, plain_api: Api):
    client = await plain_api.new_client()
    for document_type in TYPES:
        await fed(plain_api, client, 1, document_type, number="N1")
        page = await jana.get(f"{jana.company}/documents/{document_type}/1")
        assert page.status_code == 200
        is_paid = document_type in {"invoice", "proforma", "credit-note", "received-invoice", "received-receipt"}
        assert ("Record a payment" in page.text) is is_paid
    await fed(plain_api, client, 2, "warehouse-inbound-receipt", number="N2", totalWithVat=None, currencyId=None)
    assert (await jana.get(f"{jana.company}/documents/warehouse-inbound-receipt/2")).status_code == 200


async def test_what_is_another_companys_deleted_or_none_is_one_page(
    jana: Person, plain_api: Api, stranger: Api, papers: dict[str, int]
):
    await fed(stranger, await stranger.new_client(), 77)
    await plain_api.delete("/documents/invoice/4")
    pages = [
        await jana.get(f"{jana.company}/documents/{path}")
        for path in ("invoice/77", "invoice/4", "invoice/123456", "nothing/1", "invoice/x", "invoice/0")
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({without_token(page) for page in pages}) == 1
    theirs = await stranger.new_client()
    for query in (f"clientId={theirs}", f"supplierId={papers['client']}", "caseId=999999999", "clientId=x"):
        assert (await jana.get(f"{jana.company}/documents?{query}")).status_code == 404


async def test_timelines_and_margins_lead_to_the_page(jana: Person, plain_api: Api, papers: dict[str, int]):
    timeline = await jana.get(f"{jana.company}/clients/{papers['client']}")
    assert f'<a href="{jana.company}/documents/invoice/1" aria-describedby' in timeline.text
    assert f'<a href="{jana.company}/documents/invoice/1">2026-001</a>' in timeline.text
    await plain_api.delete("/documents/invoice/1")
    assert "documents/invoice/1" not in (await jana.get(f"{jana.company}/clients/{papers['client']}")).text


async def test_a_document_is_shown_however_it_is_called(jana: Person, plain_api: Api, owner: psycopg.Connection):
    client = await plain_api.new_client(name=HOSTILE)
    await fed(plain_api, client, 1, number=HOSTILE, name=HOSTILE)
    for path in ("documents", "documents/invoice/1"):
        page = await jana.get(f"{jana.company}/{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    end_timeline(owner, client)
    assert (await jana.get(f"{jana.company}/documents/invoice/1")).status_code == 200
