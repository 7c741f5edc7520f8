"""Clients and suppliers in the browser: found, made, changed, deleted."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api
from support.documents import fed
from support.people import Person, errors_in, without_token
from support.records import types_of_changes
from support.tables import rows_of

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}<img src=x onerror=alert(1)>"
ALL_OF_A_CLIENT = {
    "name": "Žilina Trade s.r.o.", "type": "company", "subjectId": "36421928", "taxId": "2022192837",
    "vatId": "SK2022192837", "isVatPayer": False, "email": "buyer@zilina-trade.example.test", "street": "Hlavná 1",
    "city": "Žilina", "zip": "010 01", "countryId": 703, "deliveryStreet": "Skladová 2", "deliveryCity": "Martin",
    "deliveryZip": "036 01", "deliveryCountryId": 703, "preferredDeliveryMethodId": 3, "preferredPaymentMethodId": 1,
    "preferredCurrencyId": 2, "preferredLanguageId": 1, "preferredDueDays": 30, "preferredNote": "One\nTwo",
    "preferredVariableSymbol": 2026, "preferredConstantSymbol": 308, "preferredSpecificSymbol": 7,
    "preferredTextAboveItems": "Above", "stripeCustomerId": "cus_1", "systemeioContactId": 12,
}  # fmt: skip


def rows(page: httpx2.Response) -> list[str]:
    """The names in the list of a page, in its order."""
    assert page.status_code == 200
    return [unescape(name) for name in re.findall(r'<a class="over"[^>]*>([^<]*)</a>', page.text)]


def form_in(page: httpx2.Response) -> dict[str, str]:
    """What the form of a page would send if nothing were changed in it."""
    found = {
        name: unescape(value)
        for tag in re.findall(r"<input[^>]*>", page.text)
        for name in re.findall(r'\bname="(\w+)"', tag)
        for value in (re.findall(r'\bvalue="([^"]*)"', tag) or [""])
    }
    for name, options in re.findall(r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', page.text, re.DOTALL):
        (found[name],) = re.findall(r'value="([^"]*)" selected', options) or [""]
    for name, written in re.findall(r'<textarea id="(\w+)"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL):
        found[name] = unescape(written)
    return {name: value for name, value in found.items() if name != "form_token"}


def counts_in(page: httpx2.Response) -> list[str]:
    return re.findall(r'<span class="count">([^<]*)</span></a>', page.text)


async def test_empty_lists_say_how_contacts_come(jana: Person):
    page = await jana.get(f"{jana.company}/contacts")
    assert re.search(r'href="[^"]*/contacts" aria-current="page"', page.text)
    assert "No clients yet" in page.text
    assert f'href="{jana.company}/clients/new"' in page.text
    assert "No suppliers yet" in (await jana.get(f"{jana.company}/contacts?kind=supplier")).text


async def test_a_list_has_its_own_kind_alone_and_tells_how_many_there_are_of_both(
    jana: Person, plain_api: Api, stranger: Api
):
    await plain_api.new_client(name="Zeta")
    await plain_api.new_client(name="alfa")
    await plain_api.new_supplier(name="Beta")
    await stranger.new_client(name="Alien")
    clients = await jana.get(f"{jana.company}/contacts")
    assert rows(clients) == ["alfa", "Zeta"]
    assert counts_in(clients) == ["2", "1"]
    assert rows(await jana.get(f"{jana.company}/contacts?kind=supplier")) == ["Beta"]
    assert rows(await jana.get(f"{jana.company}/contacts?sort=name-desc")) == ["Zeta", "alfa"]
    assert rows(await jana.get(f"{jana.company}/contacts?sort=newest")) == ["alfa", "Zeta"]
    assert rows(await jana.get(f"{jana.company}/contacts?sort=nonsense&page=x&kind=y")) == ["alfa", "Zeta"]


async def test_a_search_minds_neither_case_nor_diacritics_and_keeps_itself_in_every_link(jana: Person, plain_api: Api):
    await plain_api.new_client(name="Žilinská píla", city="Žilina")
    await plain_api.new_client(name="Potraviny", city="Žilina")
    await plain_api.new_client(name="Nábytok", city="Košice")
    await plain_api.new_supplier(name="Zilina Steel")
    found = await jana.get(f"{jana.company}/contacts?search=ZILIN&sort=city")
    assert sorted(rows(found)) == ["Potraviny", "Žilinská píla"]
    assert counts_in(found) == ["2", "1"]
    assert f'href="{jana.company}/contacts?kind=supplier&amp;search=ZILIN&amp;sort=city"' in found.text
    assert "2 found." in found.text
    none = await jana.get(f"{jana.company}/contacts", params={"search": HOSTILE})
    assert rows(none) == []
    assert "Show everything" in none.text
    for odd in ("\0", "%", "-" * 300, "ž" * 5000, "☃" * 300):
        assert (await jana.get(f"{jana.company}/contacts", params={"search": odd})).status_code == 200


async def test_a_long_list_has_pages_and_one_beyond_the_last_is_the_last(jana: Person, plain_api: Api):
    for number in range(27):
        await plain_api.new_client(name=f"Client {number:02}", city="Žilina")
    for query in ("", "search=zilin"):
        first = await jana.get(f"{jana.company}/contacts?{query}")
        assert rows(first) == [f"Client {number:02}" for number in range(25)]
        assert "1\u201325 of 27" in first.text
        (after,) = re.findall(r'rel="next" href="([^"]*)"', first.text)
        second = await jana.get(unescape(after))
        assert rows(second) == ["Client 25", "Client 26"]
        assert 'rel="next"' not in second.text
        (before,) = re.findall(r'rel="prev" href="([^"]*)"', second.text)
        assert rows(await jana.get(unescape(before))) == rows(first)
        assert rows(await jana.get(f"{jana.company}/contacts?{query}&page={'9' * 18}")) == rows(second)


@pytest.mark.parametrize("kind", ["client", "supplier"])
async def test_one_is_made_with_every_field_there_is_and_its_form_changes_nothing_by_itself(
    jana: Person, plain_api: Api, owner: psycopg.Connection, kind: str
):
    new = f"{jana.company}/{kind}s/new"
    names = set(form_in(await jana.get(new)))
    sent = {name: value for name, value in ALL_OF_A_CLIENT.items() if name in names}
    assert (set(ALL_OF_A_CLIENT) - names == set()) == (kind == "client")
    made = await jana.submit(new, {**sent, "isVatPayer": "0"})
    assert made.status_code == 303
    contact_id = int(re.search(rf"/{kind}s/(\d+)\?done=added", made.headers["location"])[1])
    before = rows_of(owner, jana.company_id)
    shown = (await plain_api.get(f"/{kind}s/{contact_id}")).json()
    expected: dict[str, Any] = {name: value for name, value in sent.items() if name in shown}
    assert {name: shown[name] for name in expected} == expected
    assert shown["country"]["id"] == 703
    edit = f"{jana.company}/{kind}s/{contact_id}/edit"
    again = await jana.submit(edit, form_in(await jana.get(edit)))
    assert again.status_code == 303
    assert rows_of(owner, jana.company_id) == before
    assert types_of_changes(owner, plain_api, contact_id) == [f"{kind}s.created"]


async def test_a_vat_number_makes_a_vat_payer_unless_one_says_otherwise(jana: Person, plain_api: Api):
    for said, is_payer in (("", True), ("0", False), ("1", True)):
        fields = {"name": "A", "type": "company", "vatId": "SK1", "isVatPayer": said}
        made = await jana.submit(f"{jana.company}/clients/new", fields)
        contact_id = made.headers["location"].split("/")[-1].partition("?")[0]
        assert (await plain_api.get(f"/clients/{contact_id}")).json()["isVatPayer"] is is_payer


async def test_what_is_wrong_is_told_at_each_field_and_what_was_written_is_kept(
    jana: Person, owner: psycopg.Connection
):
    before = rows_of(owner, jana.company_id)
    wrong = {
        "name": " ", "type": "king", "email": "nobody", "zip": "1" * 11, "countryId": "1", "preferredDueDays": "soon",
        "preferredNote": "kept\nwell", "deliveryCity": HOSTILE, "street": "nul\0",
    }  # fmt: skip
    page = await jana.submit(f"{jana.company}/clients/new", wrong)
    told = errors_in(page)
    assert told.keys() == {"name", "type", "email", "street", "zip", "countryId", "preferredDueDays"}
    assert form_in(page)["email"] == "nobody"
    assert form_in(page)["preferredNote"] == "kept\nwell"
    assert form_in(page)["deliveryCity"] == HOSTILE
    assert "<script>alert" not in page.text
    # What is folded away and has something wrong in it, or anything at all, is open.
    assert page.text.count('<details class="panel" open>') == 2
    assert rows_of(owner, jana.company_id) == before


async def test_who_saves_what_somebody_else_has_changed_meanwhile_is_told_before_he_undoes_it(
    jana: Person, peter: Person, plain_api: Api
):
    contact_id = await plain_api.new_client(name="Before")
    edit = f"{jana.company}/clients/{contact_id}/edit"
    old = form_in(await jana.get(edit))
    assert (await peter.submit(edit, form_in(await peter.get(edit)) | {"name": "Peter's"})).status_code == 303
    told = await jana.submit(edit, old | {"name": "Jana's"})
    assert told.status_code == 422
    assert "Somebody has changed this while you were writing" in told.text
    assert form_in(told)["name"] == "Jana's"
    assert (await plain_api.get(f"/clients/{contact_id}")).json()["name"] == "Peter's"
    assert (await jana.submit(edit, form_in(told))).status_code == 303
    assert (await plain_api.get(f"/clients/{contact_id}")).json()["name"] == "Jana's"


async def test_deleting_says_what_goes_along_asks_for_the_name_and_takes_it_all(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    contact_id = await plain_api.new_client(name="Big   Co")
    other_id = await plain_api.new_client(name="Other")
    case_id = await plain_api.new_case(clientId=contact_id)
    await fed(plain_api, contact_id, 91_000_001)
    path = f"{jana.company}/clients/{contact_id}/delete"
    page = await jana.get(path)
    assert "1 case, with its timeline" in page.text
    assert "1 document<" in page.text
    before = rows_of(owner, jana.company_id)
    assert errors_in(await jana.submit(path, {"name": "Big"})) == {"name": "Type exactly the name that is shown."}
    assert rows_of(owner, jana.company_id) == before
    # As it is seen: a browser shows spaces in a row as one.
    assert (await jana.submit(path, {"name": "Big Co"})).status_code == 303
    assert (await plain_api.get(f"/clients/{contact_id}")).status_code == 404
    assert (await plain_api.get(f"/business-cases/{case_id}")).status_code == 404
    assert types_of_changes(owner, plain_api, contact_id) == ["clients.created", "clients.deleted"]
    assert rows(await jana.get(f"{jana.company}/contacts")) == ["Other"]
    assert (await jana.get(path)).status_code == 404
    assert (
        "and its whole timeline are deleted for everybody in the company.<"
        in (await jana.get(f"{jana.company}/clients/{other_id}/delete")).text
    )


async def test_who_changed_a_contact_is_in_its_change_record(jana: Person, plain_api: Api, owner: psycopg.Connection):
    await jana.submit(f"{jana.company}/suppliers/new", {"name": "A", "type": "person"})
    row = owner.execute(
        "SELECT actor::text, actor_id FROM changes WHERE company_id = %s ORDER BY position DESC LIMIT 1",
        [plain_api.company_id],
    ).fetchone()
    assert row == {"actor": "user", "actor_id": jana.user_id}


async def test_of_another_company_or_another_kind_or_not_there_is_all_the_same_page(
    jana: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    supplier, case = await plain_api.new_supplier(), await plain_api.new_case()
    foreign = await stranger.new_client(), await stranger.new_case()
    before = rows_of(owner, stranger.company_id), rows_of(owner, jana.company_id)
    answers: list[httpx2.Response] = []
    for page in ("", "/edit", "/delete"):
        for contact_id in (foreign[0], supplier, case, 9_999_999, 0, "x", "9" * 30):
            path = f"{jana.company}/clients/{contact_id}{page}"
            answers.append(await jana.get(path))
            if page:
                answers.append(await jana.submit(path, {"name": "Client 1", "type": "company"}))
        for case_id in (foreign[1], supplier, 9_999_999, "x"):
            path = f"{jana.company}/cases/{case_id}{page}"
            answers.append(await jana.get(path))
            if page:
                answers.append(await jana.submit(path, {"name": "Case 1"}))
    for contact_id in (foreign[0], supplier, 9_999_999):
        answers.append(await jana.get(f"{jana.company}/cases?clientId={contact_id}"))
        answers.append(await jana.get(f"{jana.company}/cases/new?clientId={contact_id}"))
        answers.append(await jana.submit(f"{jana.company}/cases/new", {"name": "A", "clientId": contact_id}))
    assert {answer.status_code for answer in answers} == {404}
    # But for what the menu marks.
    assert len({without_token(answer).replace(' aria-current="page"', "") for answer in answers}) == 1
    assert (rows_of(owner, stranger.company_id), rows_of(owner, jana.company_id)) == before


async def test_selects_speak_the_readers_language(jana: Person):
    page = (await jana.get(f"{jana.company}/clients/new", headers={"Accept-Language": "sk"})).text
    assert 'value="703">Slovensko<' in page
    assert 'value="2">USD · Americký dolár<' in page
    assert "Bankový prevod" in page
