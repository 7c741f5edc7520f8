"""Sandboxes that the owners of a company make for themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import psycopg
import pytest
from support.api import Api
from support.people import Person, errors_in
from support.tables import rows_of

SANDBOXES = "/integrations/sandboxes"


def ids_of(owner: psycopg.Connection, company_id: int) -> list[int]:
    rows = owner.execute("SELECT id FROM companies WHERE sandbox_of = %s ORDER BY id", [company_id]).fetchall()
    return [row["id"] for row in rows]


async def make(person: Person, name: str = "Acme on trial") -> int:
    made = await person.submit(person.company + SANDBOXES, {"name": name})
    assert made.status_code == 303, made.text
    return int(re.match(r"/c/(\d+)/integrations/tokens\?done=sandbox_made", made.headers["location"])[1])


async def test_who_makes_a_sandbox_owns_it_and_is_told_that_he_is_in_it(
    jana: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    colleague = new_person(plain_api, name="Karol")
    owner.execute(
        "UPDATE companies SET time_zone = 'Asia/Tokyo', language = 'sk' WHERE id = %s", [plain_api.company_id]
    )
    english = {"headers": {"Accept-Language": "en"}}
    sandbox = await make(jana)
    assert ids_of(owner, jana.company_id) == [sandbox]
    row = owner.execute("SELECT name, time_zone, language FROM companies WHERE id = %s", [sandbox]).fetchone()
    assert row == {"name": "Acme on trial", "time_zone": "Asia/Tokyo", "language": "sk"}
    assert (
        "Your sandbox is ready"
        in (await jana.get(f"/c/{sandbox}/integrations/tokens?done=sandbox_made", **english)).text
    )
    assert f'href="/c/{sandbox}/integrations/tokens"' in (await jana.get(jana.company + SANDBOXES, **english)).text
    # Others of the company see that it is there, and whom to ask.
    seen = (await colleague.get(jana.company + SANDBOXES, **english)).text
    assert "Acme on trial" in seen
    assert "owner: Jana" in seen
    assert "its owner can invite you" in seen
    assert f"/c/{sandbox}/" not in seen
    assert (await colleague.get(f"/c/{sandbox}/settings/company")).status_code == 404


async def test_where_one_switches_one_sees_which_company_is_a_sandbox(jana: Person):
    sandbox = await make(jana, "A copy")
    page = (await jana.get(f"{jana.company}/contacts")).text
    entries = dict(re.findall(r'<li><a href="/c/(\d+)"[^>]*>(.*?)</a></li>', page))
    assert entries.keys() == {str(sandbox), str(jana.company_id)}
    assert "Sandbox" in entries[str(sandbox)]
    assert "Sandbox" not in entries[str(jana.company_id)]


async def test_a_sandbox_has_none_of_its_own_and_leads_back(jana: Person, owner: psycopg.Connection):
    sandbox = await make(jana)
    page = (await jana.get(f"/c/{sandbox}{SANDBOXES}")).text
    assert "is a sandbox itself" in page
    assert f'href="/c/{jana.company_id}"' in page
    assert '<form method="post" action="/c/' not in page
    refused = await jana.submit(f"/c/{sandbox}{SANDBOXES}", {"name": "Deeper"})
    assert refused.status_code == 422
    assert ids_of(owner, sandbox) == []


async def test_a_sandbox_needs_a_name_and_there_are_only_so_many(
    jana: Person, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    assert errors_in(await jana.submit(jana.company + SANDBOXES, {"name": " "})) == {"name": "This field is required."}
    monkeypatch.setattr("kronika.users.sandboxes.MOST_SANDBOXES", 2)
    made = await asyncio.gather(*(jana.submit(jana.company + SANDBOXES, {"name": f"S{n}"}) for n in range(4)))
    assert sorted(response.status_code for response in made) == [303, 303, 422, 422]
    assert len(ids_of(owner, jana.company_id)) == 2


async def test_one_that_the_operator_made_names_nobody_who_is_not_of_the_company(
    jana: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection, eve: Person
):
    sandbox = owner.execute(
        "INSERT INTO companies (name, sandbox_of) VALUES ('Operators', %s) RETURNING id", [jana.company_id]
    ).fetchone()["id"]
    owner.execute(
        "INSERT INTO memberships (company_id, user_id, role) VALUES (%s, %s, 'owner')", [sandbox, eve.user_id]
    )
    page = (await jana.get(jana.company + SANDBOXES)).text
    assert "Operators" in page
    assert "owner: " not in page
    # Its owner is not told the name of a company that she is not in.
    assert "Acme" not in (await eve.get(f"/c/{sandbox}{SANDBOXES}")).text.partition("<main")[2]


async def test_members_and_strangers_make_and_see_none(
    jana: Person, peter: Person, eve: Person, owner: psycopg.Connection
):
    await make(jana)
    before = rows_of(owner, jana.company_id), ids_of(owner, jana.company_id)
    for person, status in ((peter, 403), (eve, 404)):
        assert (await person.get(jana.company + SANDBOXES)).status_code == status
        assert (await person.submit(jana.company + SANDBOXES, {"name": "Mine"})).status_code == status
    assert "Acme on trial" not in (await eve.get(eve.company + SANDBOXES)).text
    assert (rows_of(owner, jana.company_id), ids_of(owner, jana.company_id)) == before


async def test_the_database_itself_makes_a_sandbox_for_owners_alone(
    jana: Person, peter: Person, eve: Person, owner: psycopg.Connection
):
    for person in (peter, eve):
        with owner.transaction():
            owner.execute("SET LOCAL ROLE kronika_app")
            owner.execute("SELECT set_config('kronika.company_id', %s, true)", [str(jana.company_id)])
            owner.execute("SELECT set_config('kronika.user_id', %s, true)", [str(person.user_id)])
            row = owner.execute("SELECT outcome, sandbox FROM create_sandbox('Sly', 9)").fetchone()
        assert row == {"outcome": "refused", "sandbox": None}
