"""A form of a page that is older than the session: nothing is done with it, and nothing that was written is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from html import unescape

import httpx2
import psycopg
import pytest
from support.api import Api
from support.people import PASSWORD, SAME_ORIGIN, Browser, Person, link_in, new_session, seen_in
from support.tables import rows_of

from kronika.credentials import Hasher

ORIGIN = {"Origin": "http://kronika.test"}
HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
WRITTEN = {"name": "Typed for ten minutes", "city": "Žilina", "preferredNote": HOSTILE, "isVatPayer": "0"}
NOT_FROM_HERE = [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}, {"Origin": "null"}]


def hidden_in(page: httpx2.Response) -> dict[str, str]:
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    }


def sign_in_anew(person: Person, owner: psycopg.Connection, hasher: Hasher) -> None:
    person.http.cookies.clear()
    person.http.cookies.set("kronika", new_session(owner, hasher, person.user_id))


def end_sessions(person: Person, owner: psycopg.Connection) -> None:
    owner.execute("DELETE FROM sessions WHERE user_id = %s", [person.user_id])


@pytest.mark.parametrize("says", [SAME_ORIGIN, ORIGIN])
async def test_after_the_session_has_ended_what_was_written_is_shown_and_goes_on_after_signing_in(
    jana: Person, plain_api: Api, owner: psycopg.Connection, hasher: Hasher, says: dict[str, str]
):
    new = f"{jana.company}/clients/new"
    end_sessions(jana, owner)
    before = rows_of(owner, jana.company_id)
    kept = await jana.submit(new, WRITTEN, headers=says)
    assert kept.status_code == 401
    assert "You are signed out" in kept.text
    assert kept.text.count("Typed for ten minutes") == 2
    assert "<script>alert" not in kept.text
    # Of the company it says nothing.
    assert "Acme" not in kept.text
    assert f'action="{new}"' in kept.text
    assert rows_of(owner, jana.company_id) == before

    sign_in_anew(jana, owner, hasher)
    again = await jana.http.post(new, data=hidden_in(kept), headers=says)
    assert again.status_code == 403
    assert "nothing was done yet" in again.text
    assert 'value="Typed for ten minutes"' in again.text
    assert HOSTILE in unescape(again.text)
    assert "<script>alert" not in again.text
    assert rows_of(owner, jana.company_id) == before
    made = await jana.http.post(new, data={**WRITTEN, **hidden_in(again)}, headers=says)
    assert made.status_code == 303


async def test_who_comes_instead_of_him_is_shown_what_he_may_see(jana: Person, eve: Person, owner: psycopg.Connection):
    owner.execute("UPDATE companies SET name = 'Nobodys business' WHERE id = %s", [jana.company_id])
    new = f"{jana.company}/clients/new"
    stale = {**WRITTEN, "form_token": jana.form_token}
    answer = await eve.http.post(new, data=stale, headers=SAME_ORIGIN)
    assert answer.status_code == 404
    assert "Typed" not in answer.text
    assert "Nobodys" not in answer.text


@pytest.mark.parametrize("says", NOT_FROM_HERE)
async def test_what_may_come_from_another_site_is_never_shown_again(
    jana: Person, owner: psycopg.Connection, says: dict[str, str]
):
    new = f"{jana.company}/clients/new"
    stale = await jana.http.post(new, data={**WRITTEN, "form_token": "x"}, headers=says)
    assert stale.status_code == 403
    assert "Nothing was changed" in stale.text
    assert "Typed" not in stale.text
    end_sessions(jana, owner)
    ended = await jana.submit(new, WRITTEN, headers=says)
    assert (ended.status_code, ended.headers["location"]) == (303, "/sign-in")


async def test_no_password_is_shown_again(jana: Person, owner: psycopg.Connection, new_browser: Callable[..., Browser]):
    fields = {"old_password": PASSWORD, "new_password": "another long one", "form_token": "x"}
    stale = await jana.http.post("/account/password", data=fields, headers=SAME_ORIGIN)
    assert stale.status_code == 403
    link = link_in(await jana.submit(f"{jana.company}/settings/users", {"email": "g@example.test", "role": "member"}))
    guest = new_browser()
    late = await guest.http.post(link, data={"name": "Guest", **fields}, headers=SAME_ORIGIN)
    assert (late.status_code, 'value="Guest"' in late.text) == (403, True)
    end_sessions(jana, owner)
    # There is nothing else to keep.
    ended = await jana.http.post("/account/password", data=fields, headers=SAME_ORIGIN)
    assert ended.headers["location"] == "/sign-in"
    for page in (stale, late, ended):
        assert PASSWORD not in page.text
        assert "another long one" not in page.text


async def test_the_composer_keeps_what_was_written_and_takes_no_file(
    jana: Person, plain_api: Api, owner: psycopg.Connection, hasher: Hasher
):
    here = f"{jana.company}/clients/{await plain_api.new_client()}"
    fields = {"type": "note", "content": "What was said", "key": "one-and-the-same", "form_token": "x"}
    before = rows_of(owner, jana.company_id)
    stale = await jana.post_form(here, fields, ("a.txt", b"abc"), headers=SAME_ORIGIN)
    assert stale.status_code == 403
    assert "What was said" in stale.text
    end_sessions(jana, owner)
    kept = await jana.post_form(here, fields, ("a.txt", b"abc"), headers=SAME_ORIGIN)
    assert kept.status_code == 401
    assert 'enctype="multipart/form-data"' in kept.text
    assert hidden_in(kept)["content"] == "What was said"
    assert hidden_in(kept)["key"] == "one-and-the-same"
    assert rows_of(owner, jana.company_id) == before
    sign_in_anew(jana, owner, hasher)
    script = await jana.post_form(here, fields, headers={**SAME_ORIGIN, "X-Part": "1"})
    assert (script.status_code, script.json()) == (403, {})


async def test_a_form_with_files_needs_the_token_when_it_brings_none(jana: Person, plain_api: Api):
    client_id = await plain_api.new_client()
    here = f"{jana.company}/clients/{client_id}"
    for token in ("x", ""):
        fields = {"type": "note", "content": "Forged", "form_token": token}
        assert (await jana.post_form(here, fields)).status_code == 403
    assert "Forged" not in (await jana.get(here)).text


async def test_a_session_that_ends_while_the_form_is_on_its_way_loses_nothing(jana: Person, owner: psycopg.Connection):
    token = jana.form_token

    async def body() -> AsyncIterator[bytes]:
        yield b"name=Typed+slowly&isVatPayer=0&"
        end_sessions(jana, owner)
        yield f"form_token={token}".encode()

    kind = {"Content-Type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
    kept = await jana.http.post(f"{jana.company}/clients/new", content=body(), headers=kind)
    assert kept.status_code == 401
    assert hidden_in(kept)["name"] == "Typed slowly"


async def test_what_others_saved_meanwhile_is_still_told_after_a_form_was_shown_again(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection, hasher: Hasher
):
    edit = f"{jana.company}/clients/{await plain_api.new_client(name='Old')}/edit"
    sent = {"name": "Second", "isVatPayer": "0", "seen": seen_in(await jana.get(edit)), "form_token": jana.form_token}
    first = {"name": "First", "isVatPayer": "0", "seen": sent["seen"]}
    assert (await peter.submit(edit, first)).status_code == 303
    sign_in_anew(jana, owner, hasher)
    again = await jana.http.post(edit, data=sent, headers=SAME_ORIGIN)
    assert again.status_code == 403
    late = await jana.submit(edit, {**sent, "seen": seen_in(again), "form_token": jana.form_token})
    assert late.status_code == 422
    assert "Somebody has changed this" in late.text


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"]
)
async def test_what_is_no_form_leads_to_the_sign_in(jana: Person, owner: psycopg.Connection, kind: str):
    end_sessions(jana, owner)
    headers = {"Content-Type": kind, **SAME_ORIGIN}
    answer = await jana.http.post(f"{jana.company}/clients/new", content=b"name=x", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
