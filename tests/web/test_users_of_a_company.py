"""What owners may do to the users of their company, and nobody else may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from support.api import Api
from support.people import Browser, Person, errors_in, link_in, new_user, seen_in
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
        ("POST", f"{company}/settings/company", {"name": "Taken", "time_zone": "UTC", "seen": "x"}),
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
    fields["seen"] = seen_in(await jana.get(here))
    assert (await jana.submit(here, fields)).status_code == 303
    assert (await plain_api.get("/whoami")).json() == {"name": "Žltý kôň a.s."}
    assert (await stranger.get("/whoami")).json() == {"name": "Acme s.r.o."}
    fields["seen"] = seen_in(await jana.get(here))
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


async def test_two_who_change_the_settings_at_once_do_not_undo_each_other_unseen(
    jana: Person, plain_api: Api, new_person: Callable[..., Person]
):
    here, other = f"{jana.company}/settings/company", new_person(plain_api)
    seen = seen_in(await jana.get(here))
    fields = {"time_zone": "Europe/Bratislava", "language": ""}
    assert (await other.submit(here, {**fields, "name": "First", "seen": seen})).status_code == 303
    late = await jana.submit(here, {**fields, "name": "Second", "time_zone": "Mars", "seen": seen})
    assert "Somebody has changed this" in late.text
    assert 'value="Second"' in late.text
    assert (await plain_api.get("/whoami")).json() == {"name": "First"}
    again = await jana.submit(here, {**fields, "name": "Second", "seen": seen_in(late)})
    assert again.status_code == 303
    assert (await plain_api.get("/whoami")).json() == {"name": "Second"}


async def test_nobody_makes_a_link_for_a_new_password_of_his_own(jana: Person, owner: psycopg.Connection):
    # He knows the old one, and who finds his browser open does not.
    refused = await jana.submit(f"{jana.company}{USERS}/{jana.user_id}/reset-password")
    assert refused.status_code == 403
    assert owner.execute("SELECT FROM password_links WHERE user_id = %s", [jana.user_id]).fetchone() is None


async def test_many_invitations_of_one_address_at_once_leave_the_last(jana: Person, owner: psycopg.Connection):
    fields = {"email": "many@example.test", "role": "member"}
    answers = await asyncio.gather(*(jana.submit(jana.company + USERS, fields) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    rows = owner.execute("SELECT id FROM invitations WHERE company_id = %s", [jana.company_id]).fetchall()
    assert len(rows) == 1
    living = [(await jana.get(link_in(answer))).status_code for answer in answers]
    assert sorted(living) == [200] + [404] * 7


@pytest.mark.parametrize("end", ["remove", "role"])
async def test_invitations_of_an_owner_who_is_none_any_more_are_withdrawn(
    jana: Person, eve: Person, karol: Person, browser: Browser, end: str
):
    his = link_in(await karol.submit(karol.company + USERS, {"email": "own@example.test", "role": "owner"}))
    hers = link_in(await jana.submit(jana.company + USERS, {"email": "other@example.test", "role": "member"}))
    theirs = link_in(await eve.submit(eve.company + USERS, {"email": "own@example.test", "role": "owner"}))
    wish = {"name": karol.name, "role": "member"}
    assert (await jana.submit(f"{jana.company}{USERS}/{karol.user_id}/{end}", wish)).status_code == 303
    assert [(await browser.get(link)).status_code for link in (his, hers, theirs)] == [404, 200, 200]
    assert "own@example.test" not in (await jana.get(jana.company + USERS)).text


async def test_an_invitation_ends_with_the_removal_of_who_was_invited(
    jana: Person, eve: Person, plain_api: Api, browser: Browser, owner: psycopg.Connection
):
    email = "late@example.test"
    ours, theirs = [
        link_in(await person.submit(person.company + USERS, {"email": email, "role": "owner"}))
        for person in (jana, eve)
    ]
    # As the operator lets him in meanwhile.
    user_id, _, name = new_user(owner, plain_api.company_id, role="member", email=email)
    assert (await jana.submit(f"{jana.company}{USERS}/{user_id}/remove", {"name": name})).status_code == 303
    assert [(await browser.get(link)).status_code for link in (ours, theirs)] == [404, 200]


async def test_who_is_removed_while_his_form_is_on_its_way_does_nothing_any_more(
    jana: Person, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    for end, status in (("remove", 303), ("role", 403)):
        gone = new_person(plain_api)

        async def body(gone: Person = gone, end: str = end) -> AsyncIterator[bytes]:
            yield b"name=afterlife&scope=write&"
            wish = {"name": gone.name, "role": "member"}
            assert (await jana.submit(f"{jana.company}{USERS}/{gone.user_id}/{end}", wish)).status_code == 303
            yield f"form_token={gone.form_token}".encode()

        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await gone.http.post(f"{gone.company}/integrations/tokens", content=body(), headers=kind)
        assert answer.status_code == status
        assert owner.execute("SELECT FROM tokens WHERE name = 'afterlife'").fetchone() is None


def test_the_application_makes_no_member_but_by_its_functions(owner: psycopg.Connection):
    rights = owner.execute(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'kronika_app' AND table_schema = 'kronika' AND table_name = 'memberships'"
    )
    assert {row["privilege_type"] for row in rights} == {"SELECT"}
