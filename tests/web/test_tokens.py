"""The tokens of a company in the hands of its owners."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Awaitable, Callable
from unicodedata import normalize

import httpx2
import psycopg
import pytest
from support.api import Api
from support.people import Person, errors_in
from support.tables import rows_of

from kronika.companies import models

TOKENS = "/integrations/tokens"
_TOKEN = re.compile(r"kro_\w{43}")


def token_in(response: httpx2.Response) -> str:
    """The one token that a page shows."""
    assert response.status_code == 200, response.text
    (token,) = set(_TOKEN.findall(response.text))
    return token


def id_of(owner: psycopg.Connection, name: str) -> int:
    return owner.execute("SELECT id FROM tokens WHERE name = %s", [name]).fetchone()["id"]


async def test_a_token_is_shown_once_works_within_its_scope_and_ends_when_it_is_revoked(
    jana: Person, plain_api: Api, owner: psycopg.Connection
):
    made = await jana.submit(jana.company + TOKENS, {"name": " ERP mirror ", "scope": "read"})
    token = token_in(made)
    assert made.headers["cache-control"] == "no-store"
    api = Api(plain_api.http, jana.company_id, 0, token)
    assert (await api.get("/whoami")).json() == {"name": "Acme s.r.o."}
    assert (await api.post("/clients", {"name": "Nobody"})).status_code == 403
    listed = await jana.get(jana.company + TOKENS)
    assert "ERP mirror" in listed.text
    assert token not in listed.text

    here = f"{jana.company}{TOKENS}/{id_of(owner, 'ERP mirror')}/revoke"
    assert "ERP mirror" in (await jana.get(here)).text
    assert errors_in(await jana.submit(here, {"name": "ERP"})) == {"name": "Type exactly the name that is shown."}
    assert (await api.get("/whoami")).status_code == 200
    assert (await jana.submit(here, {"name": "ERP mirror"})).status_code == 303
    assert (await api.get("/whoami")).status_code == 401
    # It stays in the list of what has been, and cannot be revoked again.
    assert "1 revoked token" in (await jana.get(jana.company + TOKENS)).text
    assert [(await jana.get(here)).status_code, (await jana.submit(here, {"name": "ERP mirror"})).status_code] == [
        404,
        404,
    ]


@pytest.mark.parametrize("name", ["two  spaces", "Z\u030cilina"])
async def test_a_token_is_revoked_by_its_name_as_it_is_shown(jana: Person, owner: psycopg.Connection, name: str):
    await jana.submit(jana.company + TOKENS, {"name": name, "scope": "read"})
    row = owner.execute("SELECT max(id) AS id FROM tokens WHERE company_id = %s", [jana.company_id]).fetchone()
    revoke = f"{jana.company}{TOKENS}/{row['id']}/revoke"
    assert (await jana.submit(revoke, {"name": "two spaces Žilina"})).status_code == 422
    as_shown = " ".join(normalize("NFC", name).split())
    assert (await jana.submit(revoke, {"name": as_shown})).status_code == 303


async def test_the_list_says_who_made_a_token_and_keeps_the_name_of_who_left(
    jana: Person, plain_api: Api, new_person: Callable[..., Person]
):
    karol = new_person(plain_api, name="Karol Gone")
    await karol.submit(jana.company + TOKENS, {"name": "his", "scope": "write"})
    await jana.submit(f"{jana.company}/settings/users/{karol.user_id}/remove", {"name": karol.name})
    page = (await jana.get(jana.company + TOKENS)).text
    assert "Karol Gone" in page
    # The one that the test's company came with.
    assert "by the operator" in page


async def test_a_token_without_a_name_or_with_a_scope_that_is_none_is_not_made(jana: Person, owner: psycopg.Connection):
    before = rows_of(owner, jana.company_id)
    wrong = await jana.submit(jana.company + TOKENS, {"name": "", "scope": "all<b>"})
    assert errors_in(wrong)["name"] == "This field is required."
    assert "not one of the allowed values" in wrong.text
    kept = await jana.submit(jana.company + TOKENS, {"name": "kept " + "x" * 300, "scope": "write"})
    assert 'value="kept x' in kept.text
    assert 'value="write" required checked' in kept.text
    assert rows_of(owner, jana.company_id) == before


async def test_two_at_once_do_not_both_get_the_last_place_and_a_revoked_token_takes_none(
    jana: Person, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kronika.companies.actions.MOST_TOKENS", 2)
    made = await asyncio.gather(
        *(jana.submit(jana.company + TOKENS, {"name": f"t{number}", "scope": "read"}) for number in range(3))
    )
    assert sorted(response.status_code for response in made) == [200, 422, 422]
    assert "at most 2 tokens" in next(r.text for r in made if r.status_code == 422)
    owner.execute("UPDATE tokens SET revoked_at = clock() WHERE company_id = %s", [jana.company_id])
    assert (await jana.submit(jana.company + TOKENS, {"name": "again", "scope": "read"})).status_code == 200
    assert models.MOST_TOKENS == 100


async def test_the_commands_of_a_fresh_token_can_be_pasted(jana: Person):
    page = await jana.submit(jana.company + TOKENS, {"name": "paste", "scope": "write"})
    (shown,) = re.findall(r"<code data-copy>(.*?)</code>", page.text, re.DOTALL)
    lines = shown.replace("&#34;", '"').replace("&#39;", "'").replace("\\\n", " ").splitlines()
    words = [shlex.split(line) for line in lines]
    assert words[0] == [f"TOKEN={token_in(page)}"]
    bearer = ["-H", "Authorization: Bearer $TOKEN"]
    assert words[1] == ["curl", "http://kronika.test/api/public/v1/whoami", *bearer]
    assert words[2][:4] == ["curl", "http://kronika.test/api/public/v1/clients", *bearer]
    assert words[2][-1] == '{"name": "Acme Ltd."}'
    # Without a token there is a place to put it, and who may only read is not told to write.
    assert "TOKEN=kro_…" in (await jana.get(jana.company + TOKENS)).text
    reading = await jana.submit(jana.company + TOKENS, {"name": "paste too", "scope": "read"})
    assert "/clients" not in reading.text


async def test_members_and_strangers_get_nowhere(
    jana: Person, peter: Person, eve: Person, owner: psycopg.Connection, new_api: Callable[..., Awaitable[Api]]
):
    await jana.submit(jana.company + TOKENS, {"name": "dear", "scope": "write"})
    token_id = id_of(owner, "dear")
    before = rows_of(owner, jana.company_id)
    revoke = f"{TOKENS}/{token_id}/revoke"
    for person, status in ((peter, 403), (eve, 404)):
        assert (await person.get(jana.company + TOKENS)).status_code == status
        assert (await person.get(jana.company + revoke)).status_code == status
        made = await person.submit(jana.company + TOKENS, {"name": "mine", "scope": "write"})
        assert made.status_code == status
        assert (await person.submit(jana.company + revoke, {"name": "dear"})).status_code == status
    # Nor by way of a company of one's own.
    assert (await eve.submit(eve.company + revoke, {"name": "dear"})).status_code == 404
    assert "dear" not in (await eve.get(eve.company + TOKENS)).text
    assert rows_of(owner, jana.company_id) == before
    assert "/integrations" not in (await peter.get(f"{jana.company}/settings/company")).text
