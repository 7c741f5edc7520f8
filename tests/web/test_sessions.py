from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from support.people import PASSWORD, Browser, Person, errors_in, new_session, without_token

from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.users.signing_in import TRIES_OF_AN_EMAIL


@pytest.mark.parametrize(
    ("column", "age", "lives"),
    [("last_seen_at", 29, True), ("last_seen_at", 30, False), ("created_at", 89, True), ("created_at", 90, False)],
)
async def test_a_session_ends_after_30_days_without_a_visit_and_after_90_days_with_any(
    jana: Person, owner: psycopg.Connection, column: str, age: int, lives: bool
):
    owner.execute(
        f"UPDATE sessions SET {column} = clock() - %s * interval '1 day' WHERE user_id = %s", [age, jana.user_id]
    )
    assert await jana.is_signed_in() is lives
    # One that has ended is not revived by the visit.
    assert await jana.is_signed_in() is lives


async def test_a_visit_is_noted_once_a_minute(jana: Person, owner: psycopg.Connection):
    def seen():
        return owner.execute(
            "SELECT last_seen_at, clock() - last_seen_at < interval '1 minute' AS now FROM sessions WHERE user_id = %s",
            [jana.user_id],
        ).fetchone()

    await jana.get("/account")
    first = seen()
    await jana.get("/account")
    assert seen()["last_seen_at"] == first["last_seen_at"]
    owner.execute(
        "UPDATE sessions SET last_seen_at = clock() - interval '2 minutes' WHERE user_id = %s", [jana.user_id]
    )
    await jana.get("/account")
    assert seen()["now"]


async def test_ones_sessions_are_listed_and_can_be_ended_one_by_one_and_all_but_this(
    jana: Person, owner: psycopg.Connection, hasher: Hasher, new_browser: Callable[..., Browser]
):
    others = [new_browser(cookie=new_session(owner, hasher, jana.user_id)) for _ in range(3)]
    page = await jana.get("/account")
    assert page.text.count("192.0.2.0/24") == 4
    ids = [row["id"] for row in owner.execute("SELECT id FROM sessions WHERE user_id = %s ORDER BY id", [jana.user_id])]
    assert (await jana.submit(f"/account/sessions/{ids[1]}/end")).status_code == 303
    assert [await other.is_signed_in() for other in others] == [False, True, True]
    assert (await jana.submit("/account/sessions/end-others")).status_code == 303
    assert [await other.is_signed_in() for other in others] == [False, False, False]
    assert await jana.is_signed_in()


async def test_nobody_elses_session_is_listed_or_can_be_ended(jana: Person, eve: Person, owner: psycopg.Connection):
    session = owner.execute("SELECT id FROM sessions WHERE user_id = %s", [eve.user_id]).fetchone()["id"]
    assert f"/account/sessions/{session}/" not in (await jana.get("/account")).text
    foreign = await jana.submit(f"/account/sessions/{session}/end")
    unknown = await jana.submit("/account/sessions/999999999/end")
    assert foreign.status_code == unknown.status_code == 404
    assert without_token(foreign) == without_token(unknown)
    await jana.submit("/account/sessions/end-others")
    assert await eve.is_signed_in()


async def test_a_new_password_ends_all_other_sessions_and_keeps_this_one(
    jana: Person, owner: psycopg.Connection, hasher: Hasher, new_browser: Callable[..., Browser]
):
    other = new_browser(cookie=new_session(owner, hasher, jana.user_id))
    owner.execute("INSERT INTO password_links (hash, user_id) VALUES ('x', %s)", [jana.user_id])
    changed = await jana.submit("/account/password", {"old_password": PASSWORD, "new_password": "another long one"})
    assert changed.headers["location"] == "/account?done=password_changed"
    assert await jana.is_signed_in()
    assert not await other.is_signed_in()
    assert owner.execute("SELECT FROM password_links WHERE user_id = %s", [jana.user_id]).fetchone() is None
    assert (await new_browser().sign_in(jana.email)).status_code == 422
    assert (await new_browser().sign_in(jana.email, "another long one")).status_code == 303


async def test_a_sign_in_that_was_judged_by_the_old_password_gets_no_session_after_it_was_changed(
    jana: Person, browser: Browser, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    async def judge(*_: object) -> bool:
        owner.execute("UPDATE users SET password_hash = 'another' WHERE id = %s", [jana.user_id])
        return True

    monkeypatch.setattr("kronika.users.signing_in.is_right", judge)
    assert (await browser.sign_in(jana.email)).status_code == 422
    assert not await browser.is_signed_in()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"old_password": "not it at all", "new_password": "another long one"}, {"old_password"}),
        ({"old_password": PASSWORD, "new_password": "qxzvw"}, {"new_password"}),
        ({"old_password": "tnorw", "new_password": ""}, {"old_password", "new_password"}),
        ({"old_password": PASSWORD, "new_password": "aaaaaaaaaaaaa"}, {"new_password"}),
        ({"old_password": PASSWORD, "new_password": "x" * 201}, {"new_password"}),
        ({}, {"old_password", "new_password"}),
    ],
)
async def test_a_password_is_changed_by_who_knows_it_to_one_that_is_hard_to_guess(
    jana: Person, fields: dict[str, str], wrong: set[str], owner: psycopg.Connection
):
    before = owner.execute("SELECT password_hash FROM users WHERE id = %s", [jana.user_id]).fetchone()
    response = await jana.submit("/account/password", fields)
    assert errors_in(response).keys() == wrong
    assert all(password not in response.text for password in fields.values() if password)
    assert owner.execute("SELECT password_hash FROM users WHERE id = %s", [jana.user_id]).fetchone() == before


async def test_who_finds_an_open_browser_cannot_try_passwords_in_it_for_long(
    jana: Person, monkeypatch: pytest.MonkeyPatch
):
    async def judge(*_: object) -> bool:
        return False

    monkeypatch.setattr("kronika.users.actions.is_right", judge)
    fields = {"old_password": "not it at all", "new_password": "another long one"}
    answers = [(await jana.submit("/account/password", fields)).status_code for _ in range(TRIES_OF_AN_EMAIL + 1)]
    assert answers == [422] * TRIES_OF_AN_EMAIL + [429]
    assert await jana.is_signed_in()


async def test_ones_own_e_mail_is_no_password(jana: Person, owner: psycopg.Connection):
    response = await jana.submit("/account/password", {"old_password": PASSWORD, "new_password": jana.email.upper()})
    assert errors_in(response).keys() == {"new_password"}


async def test_name_language_and_appearance_are_ones_own(jana: Person, peter: Person):
    response = await jana.submit("/account", {"name": " Jana Nová ", "language": "sk", "theme": "dark"})
    assert response.headers["location"] == "/account?done=saved"
    page = await jana.get("/account?done=saved")
    assert '<html lang="sk" data-theme="dark">' in page.text
    assert page.headers["content-language"] == "sk"
    assert "Jana Nová" in page.text
    assert "Uložené." in page.text
    assert 'lang="en"' in (await peter.get("/account")).text


async def test_what_is_wrong_is_told_and_what_was_written_is_kept(jana: Person):
    response = await jana.submit("/account", {"name": "", "language": "tlh", "theme": "dark"})
    assert errors_in(response) == {
        "name": "This field is required.",
        "language": "This is not one of the allowed values.",
    }
    assert '<option value="dark" selected>' in response.text
    assert (await jana.submit("/account", {"name": "x" * 256})).status_code == 422
    assert (await jana.submit("/account", {"name": "a\0b"})).status_code == 422


async def test_a_page_of_a_company_asks_the_database_once_who_it_is(jana: Person, monkeypatch: pytest.MonkeyPatch):
    entered: list[str] = []
    for name in ("across_companies", "transaction", "call"):
        real = getattr(Database, name)

        def counted(*args, _name=name, _real=real, **options):
            entered.append(_name)
            return _real(*args, **options)

        monkeypatch.setattr(Database, name, counted)
    assert (await jana.get(f"{jana.company}/settings/company")).status_code == 200
    assert entered == ["call"]
    entered.clear()
    assert (await jana.http.get("/sign-in", headers={"Cookie": ""})).status_code == 200
