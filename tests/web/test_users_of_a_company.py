"""What owners may do to the users of their company, and nobody else may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from support.api import Api
from support.people import Browser, Person, errors_in, link_in
from support.tables import rows_of

USERS = "/settings/users"


async def test_an_owner_sees_who_is_in_the_company_and_nobody_of_another(jana: Person, peter: Person, eve: Person):
    page = (await jana.get(jana.company + USERS)).text
    assert jana.email in page
    assert peter.email in page
    assert eve.email not in page


async def test_a_removed_user_is_out_at_once_and_altogether_when_this_was_his_only_company(
    jana: Person, peter: Person, browser: Browser, owner: psycopg.Connection
):
    here = f"{jana.company}{USERS}/{peter.user_id}/remove"
    assert peter.name in (await jana.get(here)).text
    assert errors_in(await jana.submit(here, {"name": "Somebody"})) == {"name": "Type exactly the name that is shown."}
    assert await peter.is_signed_in()
    assert (await jana.submit(here, {"name": f" {peter.name} "})).status_code == 303
    assert not await peter.is_signed_in()
    assert (await browser.sign_in(peter.email)).status_code == 422
    # What he wrote keeps its author.
    row = owner.execute("SELECT name, email, password_hash FROM users WHERE id = %s", [peter.user_id]).fetchone()
    assert row == {"name": peter.name, "email": None, "password_hash": None}
    assert peter.email not in (await jana.get(jana.company + USERS)).text
    assert (await jana.submit(here, {"name": peter.name})).status_code == 404


async def test_who_is_in_another_company_too_stays_there(
    jana: Person, plain_api: Api, stranger: Api, new_person: Callable[..., Person]
):
    both = new_person(plain_api, also=stranger)
    await jana.submit(f"{jana.company}{USERS}/{both.user_id}/remove", {"name": both.name})
    assert await both.is_signed_in()
    assert (await both.get(f"/c/{stranger.company_id}/settings/company")).status_code == 200
    assert (await both.get(f"{jana.company}/settings/company")).status_code == 404


async def test_a_company_keeps_an_owner(jana: Person, peter: Person, owner: psycopg.Connection):
    here = f"{jana.company}{USERS}/{jana.user_id}"
    demoted = await jana.submit(f"{here}/role", {"role": "member", "of": jana.user_id})
    assert demoted.status_code == 422
    assert "A company needs an owner" in demoted.text
    removed = await jana.submit(f"{here}/remove", {"name": jana.name})
    assert "A company needs an owner" in errors_in(removed)["name"]
    assert (await jana.get(jana.company + USERS)).status_code == 200


async def test_two_owners_who_demote_each_other_at_once_leave_one(
    jana: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    for _ in range(3):
        other = new_person(plain_api)
        await asyncio.gather(
            jana.submit(f"{jana.company}{USERS}/{other.user_id}/role", {"role": "member"}),
            other.submit(f"{jana.company}{USERS}/{jana.user_id}/role", {"role": "member"}),
        )
        rows = owner.execute(
            "SELECT user_id FROM memberships WHERE company_id = %s AND role = 'owner' AND ended_at IS NULL",
            [jana.company_id],
        ).fetchall()
        assert len(rows) == 1
        owner.execute("UPDATE memberships SET role = 'member' WHERE user_id = %s", [other.user_id])
        owner.execute("UPDATE memberships SET role = 'owner' WHERE user_id = %s", [jana.user_id])


async def test_what_would_be_refused_to_the_last_owner_is_not_offered(jana: Person, peter: Person):
    here = jana.company + USERS
    offered = (await jana.get(here)).text
    assert f'href="{here}/{peter.user_id}/remove"' in offered
    assert f'action="{here}/{peter.user_id}/role"' in offered
    assert f"{here}/{jana.user_id}/" not in offered
    await jana.submit(f"{here}/{peter.user_id}/role", {"role": "owner"})
    offered = (await jana.get(here)).text
    assert f'href="{here}/{jana.user_id}/remove"' in offered
    assert f'action="{here}/{jana.user_id}/role"' in offered


async def test_a_role_changes_at_once(jana: Person, peter: Person):
    assert (await peter.get(jana.company + USERS)).status_code == 403
    changed = await jana.submit(f"{jana.company}{USERS}/{peter.user_id}/role", {"role": "owner"})
    assert changed.status_code == 303
    assert (await peter.get(jana.company + USERS)).status_code == 200
    assert (await jana.submit(f"{jana.company}{USERS}/{peter.user_id}/role", {"role": "king"})).status_code == 422


async def test_who_is_here_already_is_not_invited(jana: Person, peter: Person):
    response = await jana.submit(jana.company + USERS, {"email": peter.email.upper(), "role": "member"})
    assert errors_in(response) == {"email": "Somebody with this address is in the company already."}
    wrong = await jana.submit(jana.company + USERS, {"email": "no address", "role": ""})
    assert errors_in(wrong).keys() >= {"email"}
    assert 'value="no address"' in wrong.text


def owners_calls(company: str, person_id: int) -> list[tuple[str, str, dict[str, str]]]:
    """All that only owners may do."""
    users = company + USERS
    return [
        ("GET", users, {}),
        ("POST", users, {"email": "guest@example.test", "role": "owner"}),
        ("POST", f"{users}/invitations/1/withdraw", {}),
        ("POST", f"{users}/{person_id}/role", {"role": "owner"}),
        ("POST", f"{users}/{person_id}/reset-password", {}),
        ("GET", f"{users}/{person_id}/remove", {}),
        ("POST", f"{users}/{person_id}/remove", {"name": "Peter"}),
        ("POST", f"{company}/settings/company", {"name": "Taken", "time_zone": "UTC"}),
    ]


async def test_a_member_can_do_nothing_of_what_owners_do(jana: Person, peter: Person, owner: psycopg.Connection):
    before = rows_of(owner, jana.company_id)
    for method, path, fields in owners_calls(jana.company, peter.user_id):
        response = await peter.get(path) if method == "GET" else await peter.submit(path, fields)
        assert response.status_code == 403, path
        assert "You cannot do this" in response.text
    assert rows_of(owner, jana.company_id) == before
    page = await peter.get(f"{jana.company}/settings/company")
    assert page.status_code == 200
    assert "<select" not in page.text
    assert USERS not in page.text


async def test_an_owner_of_another_company_can_do_none_of_it_here(
    jana: Person, peter: Person, eve: Person, owner: psycopg.Connection
):
    before = rows_of(owner, jana.company_id)
    for method, path, fields in owners_calls(jana.company, peter.user_id):
        response = await eve.get(path) if method == "GET" else await eve.submit(path, fields)
        assert response.status_code == 404, path
    # Nor to people of this one by way of his own.
    for method, path, fields in owners_calls(eve.company, peter.user_id)[3:7]:
        response = await eve.get(path) if method == "GET" else await eve.submit(path, fields)
        assert response.status_code == 404, path
    assert rows_of(owner, jana.company_id) == before


async def test_name_time_zone_and_language_of_the_company_are_its_owners_to_change(
    jana: Person, plain_api: Api, stranger: Api, new_browser: Callable[..., Browser]
):
    here = f"{jana.company}/settings/company"
    fields = {"name": "Žltý kôň a.s.", "time_zone": "America/New_York", "language": "sk"}
    assert (await jana.submit(here, fields)).status_code == 303
    assert (await plain_api.get("/whoami")).json() == {"name": "Žltý kôň a.s."}
    assert (await stranger.get("/whoami")).json() == {"name": "Acme s.r.o."}
    # Who asks for no language that there is reads the company's.
    assert 'lang="sk"' in (await jana.get(here)).text
    assert 'lang="en"' in (await jana.get(here, headers={"Accept-Language": "en"})).text
    for zone in ("Mars/Olympus", "localtime", "CET", ""):
        wrong = await jana.submit(here, {**fields, "time_zone": zone}, headers={"Accept-Language": "en"})
        assert errors_in(wrong).keys() == {"time_zone"}
        assert "Žltý kôň a.s." in wrong.text
    assert (await jana.submit(here, {"name": "x" * 300, "time_zone": "UTC"})).status_code == 422


@pytest.mark.parametrize("role", ["owner", "member"])
async def test_who_left_the_company_and_is_invited_again_is_what_he_is_invited_as(
    jana: Person, plain_api: Api, stranger: Api, new_person: Callable[..., Person], role: str
):
    both = new_person(plain_api, also=stranger)
    await jana.submit(f"{jana.company}{USERS}/{both.user_id}/remove", {"name": both.name})
    link = link_in(await jana.submit(jana.company + USERS, {"email": both.email, "role": role}))
    await both.submit(link)
    assert (await both.get(jana.company + USERS)).status_code == (200 if role == "owner" else 403)
