"""One-time links: what they let in, once, and whom they do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2
import psycopg
import pytest
from support.api import Api
from support.people import Browser, Person, errors_in, link_in, new_user

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files
from kronika.users.operator import create_user, prepare_first_link, remove_user, reset_password

NEW = {"name": "New Person", "new_password": "a new long password"}
ADDRESS = "New.Person@example.test"


async def invited(jana: Person, email: str = ADDRESS, role: str = "member") -> str:
    """The path of an invitation."""
    return link_in(await jana.submit(f"{jana.company}/settings/users", {"email": email, "role": role}))


def members(owner: psycopg.Connection, company_id: int) -> dict[str, str]:
    rows = owner.execute(
        "SELECT u.email, m.role FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.company_id = %s AND m.ended_at IS NULL",
        [company_id],
    )
    return {row["email"]: row["role"] for row in rows}


@pytest.fixture
def address() -> str:
    """Of nobody yet."""
    return f"guest-{id(object())}-{next(_numbers)}@example.test"


_numbers = iter(range(10**6))


async def test_an_invitation_makes_a_member_with_name_and_password_who_is_signed_in(
    jana: Person, browser: Browser, address: str, owner: psycopg.Connection
):
    link = await invited(jana, address)
    shown = await browser.get(link)
    assert address in shown.text
    # Looking does not use it up.
    assert (await browser.get(link)).status_code == 200
    response = await browser.submit(link, NEW)
    assert (response.status_code, response.headers["location"]) == (303, jana.company)
    assert await browser.is_signed_in()
    assert members(owner, jana.company_id) == {jana.email: "owner", address: "member"}
    page = (await jana.get(f"{jana.company}/settings/users")).text
    assert NEW["name"] in page
    assert "Nobody is invited at the moment." in page


async def test_a_link_works_once(jana: Person, new_browser: Callable[..., Browser], address: str):
    link = await invited(jana, address)
    assert (await new_browser().submit(link, NEW)).status_code == 303
    late = new_browser()
    assert (await late.submit(link, NEW)).status_code == 404
    assert (await late.get(link)).status_code == 404
    assert not await late.is_signed_in()


async def test_of_many_who_use_a_link_at_once_one_gets_in(
    jana: Person, new_browser: Callable[..., Browser], address: str, owner: psycopg.Connection
):
    link = await invited(jana, address)
    browsers = [new_browser() for _ in range(6)]
    for browser in browsers:
        await browser.get(link)
    answers = await asyncio.gather(*(browser.submit(link, NEW) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404, 404, 404]
    assert sum([await browser.is_signed_in() for browser in browsers]) == 1
    assert len(members(owner, jana.company_id)) == 2


@pytest.mark.parametrize("hours", [23, 24])
async def test_a_link_lives_for_a_day(
    jana: Person, browser: Browser, address: str, owner: psycopg.Connection, hours: int
):
    lives = hours < 24
    link = await invited(jana, address)
    owner.execute(
        "UPDATE invitations SET created_at = clock() - %s * interval '1 hour' WHERE company_id = %s",
        [hours, jana.company_id],
    )
    assert (await browser.get(link)).status_code == (200 if lives else 404)
    assert (await browser.submit(link, NEW)).status_code == (303 if lives else 404)


async def test_what_is_stored_of_a_link_is_a_hash(jana: Person, address: str, owner: psycopg.Connection):
    link = await invited(jana, address)
    (row,) = owner.execute(
        "SELECT to_jsonb(i)::text AS row FROM invitations i WHERE company_id = %s", [jana.company_id]
    )
    assert link.removeprefix("/link/") not in row["row"]


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "..%2f", "é" * 43])
async def test_what_is_no_link_is_the_page_of_one_that_has_ended(browser: Browser, token: str):
    response = await browser.get(f"/link/{token}")
    assert response.status_code == 404


async def test_a_new_invitation_to_an_address_replaces_the_last_and_one_can_be_withdrawn(
    jana: Person, browser: Browser, address: str, owner: psycopg.Connection
):
    first = await invited(jana, address)
    second = await invited(jana, address.upper(), role="owner")
    assert (await browser.get(first)).status_code == 404
    rows = owner.execute("SELECT id, role FROM invitations WHERE company_id = %s", [jana.company_id]).fetchall()
    assert [row["role"] for row in rows] == ["owner"]
    withdrawn = await jana.submit(f"{jana.company}/settings/users/invitations/{rows[0]['id']}/withdraw")
    assert withdrawn.status_code == 303
    assert (await browser.get(second)).status_code == 404


async def test_what_is_wrong_with_name_or_password_is_told_and_the_link_goes_on_living(
    jana: Person, browser: Browser, address: str
):
    link = await invited(jana, address)
    response = await browser.submit(link, {"name": "", "new_password": "short"})
    assert errors_in(response).keys() == {"name", "new_password"}
    kept = await browser.submit(link, {"name": "Kept Name", "new_password": address})
    assert errors_in(kept).keys() == {"new_password"}
    assert 'value="Kept Name"' in kept.text
    assert (await browser.submit(link, NEW)).status_code == 303


async def test_who_has_an_account_joins_with_it_and_the_link_sets_no_password(
    jana: Person, eve: Person, browser: Browser, owner: psycopg.Connection
):
    link = await invited(jana, eve.email)
    before = owner.execute("SELECT name, password_hash FROM users WHERE id = %s", [eve.user_id]).fetchone()
    shown = await browser.get(link)
    assert "new_password" not in shown.text
    assert f"/sign-in?next={link}" in shown.text.replace("%2F", "/")
    assert (await browser.submit(link, NEW)).status_code == 403
    assert not await browser.is_signed_in()
    # Another user cannot use it either, and it goes on living.
    assert (await jana.submit(link)).status_code == 403
    joined = await eve.submit(link)
    assert joined.headers["location"] == f"{jana.company}?done=joined"
    assert members(owner, jana.company_id) == {jana.email: "owner", eve.email: "member"}
    assert owner.execute("SELECT name, password_hash FROM users WHERE id = %s", [eve.user_id]).fetchone() == before
    assert (await eve.get(f"{jana.company}/settings/company")).status_code == 200


async def test_who_set_a_password_while_his_invitation_was_open_keeps_it(
    jana: Person, browser: Browser, address: str, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    link = await invited(jana, address)
    real = __import__("kronika.users.links", fromlist=["hash_password"]).hash_password

    async def slow(password: str) -> str:
        new_user(owner, jana.company_id, email=address)
        return await real(password)

    monkeypatch.setattr("kronika.users.links.hash_password", slow)
    assert (await browser.submit(link, NEW)).status_code == 404
    assert not await browser.is_signed_in()
    assert (await browser.sign_in(address)).status_code == 303


async def test_an_owners_link_sets_a_new_password_and_ends_all_sessions(
    jana: Person, peter: Person, browser: Browser, owner: psycopg.Connection
):
    link = link_in(await jana.submit(f"{jana.company}/settings/users/{peter.user_id}/reset-password"))
    assert await peter.is_signed_in()
    assert (await browser.submit(link, NEW)).status_code == 303
    assert await browser.is_signed_in()
    assert not await peter.is_signed_in()
    assert (await browser.submit(link, NEW)).status_code == 404


async def test_nobody_gets_a_link_for_who_is_also_in_a_company_that_is_not_his(
    jana: Person, stranger: Api, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    both = new_person(plain_api, also=stranger)
    refused = await jana.submit(f"{jana.company}/settings/users/{both.user_id}/reset-password")
    assert refused.status_code == 403
    assert "/reset-password" not in (await jana.get(f"{jana.company}/settings/users")).text
    assert owner.execute("SELECT FROM password_links WHERE user_id = %s", [both.user_id]).fetchone() is None


async def test_a_new_password_is_offered_again_once_the_other_company_is_his_too(
    jana: Person, stranger: Api, plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection
):
    both = new_person(plain_api, also=stranger)
    owner.execute(
        "INSERT INTO memberships (company_id, user_id, role) VALUES (%s, %s, 'owner')",
        [stranger.company_id, jana.user_id],
    )
    response = await jana.submit(f"{jana.company}/settings/users/{both.user_id}/reset-password")
    assert link_in(response)


@pytest.fixture
def boss(eve: Person, address: str, owner: psycopg.Connection) -> int:
    """An owner of the stranger's company who has set no password yet, as the operator makes one."""
    user_id, _, _ = new_user(owner, eve.company_id, email=address)
    owner.execute("UPDATE users SET password_hash = NULL WHERE id = %s", [user_id])
    return user_id


async def test_an_invitation_takes_nobody_over_who_is_in_another_company_and_has_no_password_yet(
    jana: Person, eve: Person, boss: int, browser: Browser, address: str
):
    link = await invited(jana, address)
    shown = await browser.get(link)
    assert "Set it first" in shown.text
    assert "new_password" not in shown.text
    refused = await browser.submit(link, NEW)
    assert refused.status_code == 403
    assert not await browser.is_signed_in()
    # By his own link first, and then by the invitation.
    own = link_in(await eve.submit(f"{eve.company}/settings/users/{boss}/reset-password"))
    assert (await browser.submit(own, NEW)).status_code == 303
    assert (await browser.submit(link)).headers["location"] == f"{jana.company}?done=joined"
    assert [(await browser.get(f"{company}/contacts")).status_code for company in (jana.company, eve.company)] == [
        200,
        200,
    ]


def hash_of(hasher: Hasher, link: str) -> bytes:
    return hasher.one_time_hash(link.removeprefix("/link/"))


async def test_nor_does_it_in_the_database_itself(
    jana: Person, boss: int, address: str, owner: psycopg.Connection, hasher: Hasher
):
    link = await invited(jana, address)
    with owner.transaction(force_rollback=True):
        used = owner.execute("SELECT * FROM use_invitation(%s, 'Taken', 'hash')", [hash_of(hasher, link)]).fetchone()
        row = owner.execute("SELECT password_hash FROM users WHERE id = %s", [boss]).fetchone()
    assert used == {"whose": None, "company": None}
    assert row == {"password_hash": None}


async def test_an_invitation_to_the_company_where_he_is_sets_the_password_of_who_has_none(
    jana: Person, plain_api: Api, browser: Browser, address: str, owner: psycopg.Connection
):
    link = await invited(jana, address)
    user_id, _, _ = new_user(owner, plain_api.company_id, role="member", email=address)
    owner.execute("UPDATE users SET password_hash = NULL WHERE id = %s", [user_id])
    assert (await browser.submit(link, NEW)).status_code == 303
    assert await browser.is_signed_in()


async def refused_link(browser: Browser, link: str) -> bool:
    statuses = [(await browser.get(link)).status_code, (await browser.submit(link, NEW)).status_code]
    assert statuses in ([404, 404], [200, 303])
    return statuses == [404, 404]


async def test_a_link_for_a_new_password_ends_when_its_user_joins_another_company(
    jana: Person, peter: Person, eve: Person, browser: Browser, owner: psycopg.Connection
):
    reset = f"{jana.company}/settings/users/{peter.user_id}/reset-password"
    link = link_in(await jana.submit(reset))
    joining = await invited(eve, peter.email, "owner")
    assert (await peter.submit(joining)).status_code == 303
    assert await refused_link(browser, link)
    assert owner.execute("SELECT FROM password_links WHERE user_id = %s", [peter.user_id]).fetchone() is None
    assert await peter.is_signed_in()


async def test_a_link_for_a_new_password_ends_when_the_operator_lets_its_user_into_another_company(
    jana: Person, peter: Person, eve: Person, browser: Browser, database_url: str
):
    link = link_in(await jana.submit(f"{jana.company}/settings/users/{peter.user_id}/reset-password"))
    async with owner_transaction(database_url) as statements:
        await create_user(
            statements, browser.hasher, peter.email, name="Peter", company_id=eve.company_id, role="member"
        )
    assert await refused_link(browser, link)
    # The operator's own is nobody's to forbid.
    async with owner_transaction(database_url) as statements:
        again = await reset_password(statements, browser.hasher, peter.user_id)
    assert not await refused_link(browser, f"/link/{again.token}")


@pytest.mark.parametrize("end", ["remove", "role"])
async def test_a_link_for_a_new_password_ends_when_who_made_it_is_no_owner_any_more(
    jana: Person, peter: Person, karol: Person, browser: Browser, end: str
):
    link = link_in(await karol.submit(f"{karol.company}/settings/users/{peter.user_id}/reset-password"))
    wish = {"name": karol.name, "role": "member"}
    assert (await jana.submit(f"{jana.company}/settings/users/{karol.user_id}/{end}", wish)).status_code == 303
    assert await refused_link(browser, link)
    assert await peter.is_signed_in()


async def test_what_ends_between_the_look_at_a_link_and_its_use_is_judged_by_the_database_too(
    jana: Person, karol: Person, peter: Person, owner: psycopg.Connection, hasher: Hasher
):
    joining = await invited(karol, "between@example.test")
    reset = link_in(await karol.submit(f"{karol.company}/settings/users/{peter.user_id}/reset-password"))
    use = {
        joining: "SELECT whose AS user_id FROM use_invitation(%s, 'Taken', 'hash')",
        reset: "SELECT use_password_link(%s, 'Taken', 'hash') AS user_id",
    }
    for is_owner in (True, False):
        owner.execute(
            "UPDATE memberships SET role = %s WHERE (company_id, user_id) = (%s, %s)",
            ["owner" if is_owner else "member", karol.company_id, karol.user_id],
        )
        for link, statement in use.items():
            with owner.transaction(force_rollback=True):
                row = owner.execute(statement, [hash_of(hasher, link)]).fetchone()
            assert (row["user_id"] is not None) is is_owner


async def test_who_follows_a_link_while_signed_in_has_one_session_in_this_browser(
    jana: Person, eve: Person, address: str, new_browser: Callable[..., Browser]
):
    link, before = await invited(jana, address), eve.session
    entered = await eve.submit(link, NEW)
    assert entered.cookies["kronika"] != before
    assert await new_browser(cookie=entered.cookies["kronika"]).is_signed_in()
    assert not await new_browser(cookie=before).is_signed_in()


@pytest.fixture(scope="module")
def empty_url(new_database: Callable[[str], str]) -> str:
    return new_database("nobody")


@pytest.fixture
async def nobody_yet(empty_url: str, hasher: Hasher, files: Files) -> AsyncIterator[Browser]:
    """A browser at an installation where nobody has a password, and no company is."""
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("TRUNCATE kronika.users, kronika.companies CASCADE")
    database = Database(empty_url, connections=4)
    await database.open()
    settings = Settings(rate_limit=0, public_url="http://kronika.test", secret_key="x" * 40)
    app = create_app(Services(settings, database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test") as http:
        yield Browser(http, hasher)
    await database.close()


async def first_link(url: str, hasher: Hasher) -> str | None:
    async with owner_transaction(url) as statements:
        token = await prepare_first_link(statements, hasher)
    return token and f"/link/{token}"


async def test_the_first_one_becomes_owner_of_a_company_of_his_own_where_there_is_none(
    nobody_yet: Browser, empty_url: str, hasher: Hasher
):
    link = await first_link(empty_url, hasher)
    wrong = await nobody_yet.submit(link, {"new_password": "x"})
    assert errors_in(wrong).keys() == {"company", "email", "name", "new_password"}
    response = await nobody_yet.submit(link, {**NEW, "email": "first@example.test", "company": "Prvá s.r.o."})
    assert response.headers["location"] == "/"
    start = await nobody_yet.get("/", follow_redirects=True)
    assert "Prvá s.r.o." in start.text
    assert await first_link(empty_url, hasher) is None


async def test_the_first_one_becomes_owner_of_all_companies_that_have_no_owner(
    nobody_yet: Browser, empty_url: str, hasher: Hasher
):
    with psycopg.connect(empty_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        ids = [
            row["id"]
            for row in connection.execute("INSERT INTO companies (name) VALUES ('A'), ('B'), ('C') RETURNING id")
        ]
        async with owner_transaction(empty_url) as statements:
            await create_user(statements, hasher, "x@example.test", name="X", company_id=ids[2], role="owner")
        old, link = await first_link(empty_url, hasher), await first_link(empty_url, hasher)
        assert (await nobody_yet.get(old)).status_code == 404
        fields = {**NEW, "email": "first@example.test"}
        assert (await nobody_yet.submit(link, fields)).status_code == 303
        assert [members(connection, company_id).get("first@example.test") for company_id in ids] == [
            "owner",
            "owner",
            None,
        ]


async def test_the_first_link_ends_when_somebody_has_a_password(nobody_yet: Browser, empty_url: str, hasher: Hasher):
    link = await first_link(empty_url, hasher)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO kronika.users (email, email_key, name, password_hash) VALUES ('a@b.test', 'a@b.test', '', '')"
        )
    assert (await nobody_yet.get(link)).status_code == 404
    fields = {**NEW, "email": "first@example.test", "company": "Acme"}
    assert (await nobody_yet.submit(link, fields)).status_code == 404
    assert not await nobody_yet.is_signed_in()


async def test_the_operators_link_sets_a_password_and_a_new_one_ends_the_last(
    plain_api: Api, database_url: str, hasher: Hasher, browser: Browser, address: str
):
    async with owner_transaction(database_url) as statements:
        created = await create_user(
            statements, hasher, address, name="Olga", company_id=plain_api.company_id, role="member"
        )
        again = await reset_password(statements, hasher, created.user.id)
    assert (await browser.get(f"/link/{created.token}")).status_code == 404
    shown = await browser.get(f"/link/{again.token}")
    assert 'value="Olga"' in shown.text
    assert (await browser.submit(f"/link/{again.token}", NEW)).status_code == 303
    assert await browser.is_signed_in()
    async with owner_transaction(database_url) as statements:
        added = await create_user(
            statements, hasher, address.upper(), name="Else", company_id=plain_api.company_id, role="owner"
        )
        assert (added.user.id, added.token) == (created.user.id, None)
        await remove_user(statements, created.user.id)
    assert not await browser.is_signed_in()
    assert (await browser.sign_in(address, NEW["new_password"])).status_code == 422
