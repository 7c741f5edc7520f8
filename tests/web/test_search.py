"""The search of the web application: the page of results, and what hangs below the box."""

from __future__ import annotations

import re

import httpx2
import pytest
from support.api import Api
from support.documents import fed
from support.files import PDF, event_with
from support.people import Person

PART = {"X-Part": "1"}


async def search(person: Person, query: str, *, part: bool = False, **wishes: str) -> httpx2.Response:
    response = await person.get(f"{person.company}/search", params={"q": query, **wishes}, headers=PART if part else {})
    assert response.status_code == 200
    return response


def hits(response: httpx2.Response) -> list[str]:
    """Where the results lead, in their order."""
    return re.findall(r'<a class="(?:hit|name over)"[^>]* href="([^"]+)"', response.text)


@pytest.fixture
async def found(plain_api: Api) -> dict[str, int]:
    """One of each that `lip` finds."""
    client = await plain_api.new_client(name="Lipa s.r.o.", city="Žilina")
    case = await plain_api.new_case(name="Lipové drevo", clientId=client)
    await fed(plain_api, client, 3, number="LIP-3", name="Reznivo")
    event = (await plain_api.record(clientId=client, metadata={"content": "Chcú <b>lipové</b> dosky"})).json()["id"]
    return {"client": client, "case": case, "event": event}


@pytest.mark.parametrize("part", [False, True])
async def test_results_are_grouped_and_lead_to_where_they_are(jana: Person, found: dict[str, int], part: bool):
    assert hits(await search(jana, "LIP", part=part)) == [
        f"{jana.company}/clients/{found['client']}",
        f"{jana.company}/cases/{found['case']}",
        f"{jana.company}/documents/invoice/3",
        f"{jana.company}/events/{found['event']}",
    ]
    for path in hits(await search(jana, "LIP")):
        assert (await jana.get(path, follow_redirects=True)).status_code == 200


@pytest.mark.parametrize("part", [False, True])
async def test_words_are_marked_and_what_was_written_stays_text(jana: Person, found: dict[str, int], part: bool):
    text = (await search(jana, "lip", part=part)).text
    assert "<mark>Lip</mark>a s.r.o." in text
    assert "<mark>Lip</mark>ové drevo" in text
    assert "<mark>LIP</mark>-3" in text
    assert "Chcú &lt;b&gt;<mark>lip</mark>ové&lt;/b&gt; dosky" in text
    odd = (await search(jana, "<script>alert(1)</script>", part=part)).text
    assert "<script>alert" not in odd
    assert "&lt;script&gt;alert(1)" in odd


@pytest.mark.parametrize("part", [False, True])
async def test_a_document_says_what_kind_it_is_and_its_number_once(jana: Person, plain_api: Api, part: bool):
    client = await plain_api.new_client()
    await fed(plain_api, client, 3, number="LIP-3", name="Reznivo", issueDate="2026-03-10")
    await fed(plain_api, client, 4, "order", number="LIP-4", name=None, issueDate="2026-03-10")
    lines = [
        re.sub(r"<[^>]*>", "", line)
        for line in re.findall(r'class="line[^"]*">(.*?)</span>', (await search(jana, "lip", part=part)).text)
    ]
    assert sorted(lines) == ["10 Mar 2026", "Invoice LIP-3 · 10 Mar 2026"]


async def test_a_member_searches_too_and_a_stranger_finds_nothing_of_it(
    peter: Person, eve: Person, found: dict[str, int]
):
    assert len(hits(await search(peter, "lip"))) == 4
    assert hits(await search(eve, "lip")) == hits(await search(eve, "lip", part=True)) == []
    there = await eve.get(f"{peter.company}/search?q=lip")
    nowhere = await eve.get("/c/999999999/search?q=lip")
    assert there.status_code == nowhere.status_code == 404
    assert "Lipa" not in there.text


async def test_who_is_signed_out_is_led_to_the_door(browser, jana: Person):
    assert (await browser.get(f"{jana.company}/search?q=lip")).headers["location"].startswith("/sign-in")
    assert (await browser.get(f"{jana.company}/search?q=lip", headers=PART)).status_code == 401


async def test_each_group_has_pages_of_its_own(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name="Slivka")
    events = [
        (await plain_api.record(clientId=client, metadata={"content": f"slivka {n}"})).json()["id"] for n in range(30)
    ]
    whole = await search(jana, "slivk")
    assert len(hits(whole)) == 1 + 8
    more = re.search(r'href="([^"]+in=events)"', whole.text)
    assert more
    first = await jana.get(more[1].replace("&amp;", "&"))
    assert hits(first) == [f"{jana.company}/events/{event}" for event in events[:4:-1]]
    second = await search(jana, "slivk", **{"in": "events", "page": "2"})
    assert hits(second) == [f"{jana.company}/events/{event}" for event in events[4::-1]]
    assert hits(await search(jana, "slivk", **{"in": "events", "page": "99"})) == hits(second)
    below = await search(jana, "slivk", part=True)
    assert len(hits(below)) == 1 + 4
    assert 'id="seek-all"' in below.text


@pytest.mark.parametrize("query", ["", "!!!", "' OR 1=1 --", "a" * 10_000, "\u202eabc", "{{ 7 * 7 }}", "%00", "\0"])
async def test_any_query_has_its_page(jana: Person, query: str):
    for part in (False, True):
        response = await search(jana, query, part=part)
        assert hits(response) == []
        assert ("data-says" in response.text) is part


async def test_a_file_is_found_by_its_name_and_a_contact_by_where_it_is(jana: Person, plain_api: Api):
    client = await plain_api.new_client(name="Kto", city="Žilina", zip="010 01", countryId=703)
    await event_with(plain_api, ("Zmluva o dielo.pdf", PDF), clientId=client)
    assert "<mark>Zmluv</mark>a o dielo.pdf" in (await search(jana, "zmluv")).text
    assert "<mark>Žilin</mark>a" in (await search(jana, "zilin")).text
    assert "010 01" in (await search(jana, "01001")).text


async def test_every_page_of_a_company_has_the_box_and_the_page_of_results_has_one_alone(jana: Person):
    for path in ("/contacts", "/cases", "/settings/company", "/integrations/tokens", "/search"):
        text = (await jana.get(jana.company + path)).text
        assert text.count('name="q"') == 1, path
        assert text.count('id="seek"') == 1, path
