"""Sandboxes that the owners of a company make for themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import psycopg
import pytest
from support.api import Api
from support.couriers import until
from support.people import Person, errors_in, let_in, link_in
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
    # Other owners of the company see that it is there, and can go in.
    seen = (await colleague.get(jana.company + SANDBOXES, **english)).text
    assert "Acme on trial" in seen
    assert "owner: Jana" in seen
    assert f'action="{jana.company}{SANDBOXES}/{sandbox}/enter"' in seen
    assert f'href="/c/{sandbox}/' not in seen
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
    # Its owner is told neither the name nor the number of a company that she is not in.
    seen = (await eve.get(f"/c/{sandbox}{SANDBOXES}")).text
    assert "is a sandbox itself" in seen
    assert "Acme" not in seen.partition("<main")[2]
    assert f'href="/c/{jana.company_id}"' not in seen


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


def roles_in(owner: psycopg.Connection, company_id: int) -> dict[int, str]:
    rows = owner.execute(
        "SELECT user_id, role FROM memberships WHERE company_id = %s AND ended_at IS NULL", [company_id]
    )
    return {row["user_id"]: row["role"] for row in rows}


async def test_every_owner_of_the_company_may_enter_its_sandboxes_and_nobody_else(
    jana: Person,
    peter: Person,
    eve: Person,
    karol: Person,
    owner: psycopg.Connection,
):
    sandbox = await make(jana)
    enter = f"{SANDBOXES}/{sandbox}/enter"
    for person, company, status in ((peter, jana.company, 403), (eve, jana.company, 404), (eve, eve.company, 404)):
        assert (await person.submit(company + enter)).status_code == status
    assert roles_in(owner, sandbox) == {jana.user_id: "owner"}
    # A company that is no sandbox of this one is none to enter, its own least of all.
    for company_id in (jana.company_id, eve.company_id, 9_999_999):
        assert (await karol.submit(f"{jana.company}{SANDBOXES}/{company_id}/enter")).status_code == 404
    entered = await karol.submit(jana.company + enter)
    assert entered.headers["location"] == f"/c/{sandbox}/integrations/tokens?done=sandbox_entered"
    assert (await karol.get(entered.headers["location"])).status_code == 200
    assert roles_in(owner, sandbox) == {jana.user_id: "owner", karol.user_id: "owner"}


async def test_who_is_removed_from_the_company_is_out_of_its_sandboxes_and_their_invitations_too(
    jana: Person, eve: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    colleague = new_person(plain_api)
    sandbox, other = await make(colleague), await make(jana)
    let_in(owner, eve.user_id, sandbox)
    for who, to in ((colleague, "friend@example.test"), (eve, colleague.email)):
        here = f"/c/{sandbox}/settings/users"
        if to == colleague.email:
            owner.execute(
                "UPDATE memberships SET ended_at = clock() WHERE (company_id, user_id) = (%s, %s)",
                [sandbox, colleague.user_id],
            )
        assert link_in(await who.submit(here, {"email": to, "role": "owner"}))
    owner.execute(
        "UPDATE memberships SET ended_at = NULL WHERE (company_id, user_id) = (%s, %s)", [sandbox, colleague.user_id]
    )
    remove = f"{jana.company}/settings/users/{colleague.user_id}/remove"
    assert (await jana.submit(remove, {"name": colleague.name})).status_code == 303
    assert not await colleague.is_signed_in()
    # Who was only in the sandbox stays there; sandboxes of others are left alone.
    assert roles_in(owner, sandbox) == {eve.user_id: "owner"}
    assert roles_in(owner, other) == {jana.user_id: "owner"}
    assert owner.execute("SELECT FROM invitations WHERE company_id = %s", [sandbox]).fetchone() is None


async def test_a_sandbox_keeps_nobody_from_being_given_a_new_password_by_the_owners_of_the_company(
    jana: Person, eve: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    colleague = new_person(plain_api)
    sandbox = await make(colleague)
    reset = f"/settings/users/{colleague.user_id}/reset-password"
    assert reset in (await jana.get(f"{jana.company}/settings/users")).text
    assert link_in(await jana.submit(jana.company + reset))
    # Who owns the sandbox alone is no master of who is in the company.
    let_in(owner, eve.user_id, sandbox)
    assert (await eve.submit(f"/c/{sandbox}{reset}")).status_code == 403


async def test_who_is_being_removed_does_not_slip_into_a_sandbox_meanwhile(
    jana: Person, karol: Person, owner: psycopg.Connection
):
    sandbox = await make(jana)
    waiting = "SELECT count(*) AS n FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    for path, fields in ((f"{SANDBOXES}/{sandbox}/enter", {}), (SANDBOXES, {"name": "Late"})):
        with owner.transaction():
            owner.execute(
                "UPDATE memberships SET ended_at = clock() WHERE (company_id, user_id) = (%s, %s)",
                [karol.company_id, karol.user_id],
            )
            entering = asyncio.create_task(karol.submit(karol.company + path, fields))
            await until(lambda task=entering: task.done() or owner.execute(waiting).fetchone()["n"])
        assert (await entering).status_code in {404, 422}
        owner.execute("UPDATE memberships SET ended_at = NULL WHERE user_id = %s", [karol.user_id])
    assert roles_in(owner, sandbox) == {jana.user_id: "owner"}
    assert ids_of(owner, jana.company_id) == [sandbox]
