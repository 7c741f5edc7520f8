"""A form that makes something makes it once, however often it is sent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import psycopg
import pytest
from support.api import Api
from support.people import Person, errors_in, without_token

RECEIVER = "https://receiver.example.test/hook"
MAKING = {
    "contacts": ("/clients/new", "contacts", {"name": "Acme s.r.o.", "isVatPayer": "0"}),
    "cases": ("/cases/new", "business_cases", {"name": "Deal"}),
    "tokens": ("/integrations/tokens", "tokens", {"name": "Sent twice", "scope": "write"}),
    "sandboxes": ("/integrations/sandboxes", "companies", {"name": "Trial"}),
    "webhooks": (
        "/integrations/webhooks/new",
        "webhook_subscriptions",
        {"url": RECEIVER, "subscribedEvents": "clients.created", "isActive": "1"},
    ),
}


def key_in(page: str) -> str:
    (key,) = re.findall(r'name="key" value="([\w-]+)"', page)
    return key


@pytest.fixture
def count(owner: psycopg.Connection) -> Callable[[str], int]:
    return lambda table: owner.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"]


@pytest.mark.parametrize("what", MAKING)
async def test_two_clicks_at_once_and_a_third_later_make_one_and_are_shown_the_same(
    jana: Person, plain_api: Api, count: Callable[[str], int], what: str
):
    path, table, fields = MAKING[what]
    asked = f"?clientId={await plain_api.new_client()}" if what == "cases" else ""
    page = await jana.get(jana.company + path + asked)
    of_case = {"clientId": asked.partition("=")[2]} if asked else {}
    sent = {**fields, **of_case, "key": key_in(page.text)}
    before = count(table)
    first, second = await asyncio.gather(*[jana.submit(jana.company + path, sent) for _ in range(2)])
    third = await jana.submit(jana.company + path, sent)
    assert first.status_code in {200, 303}, first.text
    assert count(table) == before + 1
    # Secrets, too, are those of the one that was made.
    for again in (second, third):
        assert (again.status_code, again.headers.get("location"), without_token(again)) == (
            first.status_code,
            first.headers.get("location"),
            without_token(first),
        )


async def test_a_form_that_was_changed_after_it_was_saved_asks_before_it_makes_another(
    jana: Person, count: Callable[[str], int]
):
    path = jana.company + "/clients/new"
    sent = {"name": "Acme", "isVatPayer": "0", "key": key_in((await jana.get(path)).text)}
    assert (await jana.submit(path, sent)).status_code == 303
    made = count("contacts")
    asked = await jana.submit(path, {**sent, "name": "Acme & Sons"})
    assert asked.status_code == 422
    assert "An earlier version of this was saved already." in asked.text
    assert 'value="Acme &amp; Sons"' in asked.text
    assert count("contacts") == made
    assert (await jana.submit(path, {**sent, "name": "Acme & Sons", "key": key_in(asked.text)})).status_code == 303
    assert count("contacts") == made + 1


async def test_a_form_that_was_wrong_keeps_its_key_and_two_people_may_have_the_same(
    jana: Person, peter: Person, eve: Person, count: Callable[[str], int]
):
    sent = {"name": "", "isVatPayer": "0", "key": "one-and-the-same"}
    wrong = await jana.submit(f"{jana.company}/clients/new", sent)
    assert set(errors_in(wrong)) == {"name"}
    assert key_in(wrong.text) == "one-and-the-same"
    before = count("contacts")
    for person in (jana, peter, eve):
        made = await person.submit(f"{person.company}/clients/new", {**sent, "name": "Acme"})
        assert made.status_code == 303
    assert count("contacts") == before + 3


@pytest.mark.parametrize("key", ["", "two words", "ž", "x" * 300])
async def test_a_form_without_a_key_of_ours_is_taken_as_it_is(jana: Person, count: Callable[[str], int], key: str):
    before = count("contacts")
    for _ in range(2):
        fields = {"name": "Acme", "isVatPayer": "0", "key": key}
        assert (await jana.submit(f"{jana.company}/clients/new", fields)).status_code == 303
    assert count("contacts") == before + 2
