from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from support.people import PASSWORD, SAME_ORIGIN, Browser, Person, without_token

from kronika.credentials import Hasher
from kronika.users.input import email_key
from kronika.users.signing_in import TRIES_OF_A_NETWORK, TRIES_OF_AN_EMAIL, TRIES_OF_AN_EMAIL_ANYWHERE


async def test_e_mail_and_password_give_a_session_in_a_cookie_that_scripts_cannot_read(browser: Browser, jana: Person):
    response = await browser.sign_in(jana.email)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    (cookie,) = [line for line in response.headers.get_list("set-cookie") if line.startswith("kronika=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert await browser.is_signed_in()
    start = await browser.get("/")
    assert start.headers["location"].startswith(jana.company)


async def test_over_https_the_cookies_are_bound_to_this_host_and_to_https(
    new_browser: Callable[..., Browser], jana: Person
):
    browser = new_browser(public_url="https://kronika.test")
    shown = await browser.get("/sign-in")
    (visitor,) = shown.headers.get_list("set-cookie")
    assert visitor.startswith("__Host-kronika-visitor=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(visitor.split("; "))
    assert "domain" not in visitor.lower()


async def test_case_and_spaces_of_the_e_mail_do_not_count(browser: Browser, jana: Person):
    assert (await browser.sign_in(f"  {jana.email.upper()} ")).status_code == 303


async def test_a_wrong_password_and_an_unknown_e_mail_are_told_in_the_same_words_and_cost_the_same_work(
    browser: Browser, jana: Person, monkeypatch: pytest.MonkeyPatch
):
    judged: list[bool] = []

    async def judge(password: str, password_hash: str | None) -> bool:
        judged.append(password_hash is not None)
        return False

    monkeypatch.setattr("kronika.users.signing_in.is_right", judge)
    wrong = await browser.sign_in(jana.email, "wrong")
    unknown = await browser.sign_in("nobody@example.test", "wrong")
    assert judged == [True, False]
    assert wrong.status_code == unknown.status_code == 422
    assert without_token(wrong).replace(jana.email, "X") == without_token(unknown).replace("nobody@example.test", "X")
    assert "wrong" not in wrong.text.replace("is not right", "")


async def test_what_nobody_hashes_is_never_right_and_a_hash_is_made_of_it_all_the_same(browser: Browser):
    # With the real hashing: no user, and the password of the hash that stands in for his.
    assert (await browser.sign_in("nobody@example.test", "the password of nobody")).status_code == 422


async def test_after_some_tries_even_the_right_password_must_wait_here_and_not_elsewhere(
    browser: Browser, new_browser: Callable[..., Browser], jana: Person, peter: Person, owner: psycopg.Connection
):
    for _ in range(TRIES_OF_AN_EMAIL):
        assert (await browser.sign_in(jana.email, "wrong")).status_code == 422
    refused = await browser.sign_in(jana.email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    assert "15 minutes" in refused.text
    assert jana.email in refused.text
    # Whoever it was keeps neither others here from it nor her elsewhere.
    assert (await browser.sign_in(peter.email)).status_code == 303
    browser.http.cookies.clear()
    assert (await new_browser().sign_in(jana.email)).status_code == 303
    assert (await browser.sign_in(jana.email)).status_code == 429
    owner.execute("UPDATE sign_in_windows SET started_at = started_at - interval '15 minutes'")
    assert (await browser.sign_in(jana.email)).status_code == 303


async def test_of_many_networks_that_try_one_e_mail_there_is_an_end_too(
    new_browser: Callable[..., Browser], jana: Person, peter: Person, owner: psycopg.Connection, hasher: Hasher
):
    key = hasher.try_hash(f"e-mail {email_key(jana.email)}")
    owner.execute("INSERT INTO sign_in_windows VALUES (%s, clock(), %s)", [key, TRIES_OF_AN_EMAIL_ANYWHERE - 1])
    assert (await new_browser().sign_in(jana.email, "wrong")).status_code == 422
    assert (await new_browser().sign_in(jana.email)).status_code == 429
    assert (await new_browser().sign_in(peter.email)).status_code == 303


async def test_many_tries_at_once_are_not_more_than_may_be(
    new_browser: Callable[..., Browser], jana: Person, monkeypatch: pytest.MonkeyPatch
):
    judged: list[str] = []

    async def judge(password: str, _: str | None) -> bool:
        judged.append(password)
        return False

    monkeypatch.setattr("kronika.users.signing_in.is_right", judge)
    browsers = [new_browser() for _ in range(2 * TRIES_OF_AN_EMAIL)]
    for browser in browsers:
        browser.http.headers["X-Forwarded-For"] = browsers[0].http.headers["X-Forwarded-For"]
    answers = await asyncio.gather(*(browser.sign_in(jana.email, "wrong") for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [422] * TRIES_OF_AN_EMAIL + [429] * TRIES_OF_AN_EMAIL
    assert len(judged) == TRIES_OF_AN_EMAIL


async def test_one_network_may_try_only_so_many_e_mails_and_others_go_on(
    browser: Browser, new_browser: Callable[..., Browser], jana: Person, owner: psycopg.Connection, hasher: Hasher
):
    network = browser.http.headers["x-forwarded-for"] + "/32"
    owner.execute(
        "INSERT INTO sign_in_windows VALUES (%s, clock(), %s)",
        [hasher.try_hash(f"network {network}"), TRIES_OF_A_NETWORK],
    )
    assert (await browser.sign_in(jana.email)).status_code == 429
    # What stands before the last address anybody can write.
    forged = {"X-Forwarded-For": f"192.0.2.77, {browser.http.headers['x-forwarded-for']}"}
    assert (await browser.sign_in(jana.email, headers=forged)).status_code == 429
    assert (await new_browser().sign_in(jana.email)).status_code == 303


async def test_whose_proxy_is_not_trusted_cannot_choose_his_network(
    new_browser: Callable[..., Browser], jana: Person, owner: psycopg.Connection, hasher: Hasher
):
    browser = new_browser(trusted_proxies="192.0.2.1")
    await browser.sign_in(jana.email, "wrong")
    key = hasher.try_hash("network 127.0.0.1/32")
    assert owner.execute("SELECT hits FROM sign_in_windows WHERE key = %s", [key]).fetchone()["hits"] > 0


async def test_a_right_password_gives_the_tries_back(
    browser: Browser, jana: Person, owner: psycopg.Connection, hasher: Hasher
):
    for _ in range(3):
        await browser.sign_in(jana.email, "wrong")
    await browser.sign_in(jana.email)
    network, email = f"network {browser.http.headers['x-forwarded-for']}/32", f"e-mail {email_key(jana.email)}"
    keys = [f"{network} {email}", network, email]
    hits = [
        owner.execute("SELECT hits FROM sign_in_windows WHERE key = %s", [hasher.try_hash(key)]).fetchone()
        for key in keys
    ]
    assert hits == [None, {"hits": 3}, {"hits": 3}]


@pytest.mark.parametrize("password", ["x" * 100_000, "\0", "é" * 300, ""])
async def test_no_password_is_too_strange_to_be_wrong(browser: Browser, jana: Person, password: str):
    assert (await browser.sign_in(jana.email, password)).status_code == 422


async def test_a_password_is_the_same_however_a_keyboard_composes_it(
    browser: Browser, jana: Person, new_browser: Callable[..., Browser]
):
    composed, decomposed = "heslo na jar\u00e1 let\u00e1", "heslo na jara\u0301 leta\u0301"
    await jana.submit("/account/password", {"old_password": PASSWORD, "new_password": composed})
    assert (await browser.sign_in(jana.email, decomposed)).status_code == 303


async def test_what_is_stored_is_neither_password_nor_cookie_nor_address(
    browser: Browser, jana: Person, owner: psycopg.Connection
):
    await browser.sign_in(jana.email)
    rows = owner.execute("SELECT to_jsonb(s)::text AS row FROM sessions s WHERE user_id = %s", [jana.user_id])
    stored = "".join(row["row"] for row in rows)
    (user,) = owner.execute("SELECT to_jsonb(u)::text AS row FROM users u WHERE id = %s", [jana.user_id])
    assert browser.session not in stored
    assert browser.http.headers["x-forwarded-for"] not in stored
    assert PASSWORD not in user["row"]
    assert "argon2id" in user["row"]


OWN = ["/account", "/c/1/settings/users?done=saved", "/"]
FOREIGN = [
    "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "javascript:alert(1)", "/\t/evil.test",
    "/\n/evil.test", " //evil.test", "evil.test", "", "/%0d%0aSet-Cookie: a=b /", "/a b", "/žltý", "/\\/evil.test",
    "http:evil.test", "/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("path", OWN + FOREIGN)
async def test_after_signing_in_one_is_led_to_a_path_of_our_own_and_nowhere_else(
    browser: Browser, jana: Person, path: str
):
    shown = await browser.get("/sign-in", params={"next": path})
    assert ("evil.test" in shown.text) is False
    response = await browser.submit("/sign-in", {"email": jana.email, "password": PASSWORD, "next": path})
    assert response.headers["location"] == (path if path in OWN else "/")
    # And who is signed in already is led on by the address alone.
    led = await browser.get("/sign-in", params={"next": path})
    assert led.headers["location"] == (path if path in OWN else "/")


async def test_an_encoded_address_stays_a_path_of_ours(browser: Browser, jana: Person):
    response = await browser.submit("/sign-in", {"email": jana.email, "password": PASSWORD, "next": "/%2F%2Fevil.test"})
    assert response.headers["location"] == "/%2F%2Fevil.test"


async def test_a_page_that_needs_a_user_leads_to_the_sign_in_and_back(browser: Browser, jana: Person):
    wanted = f"{jana.company}/settings/company?done=saved"
    response = await browser.get(wanted)
    assert response.status_code == 303
    form = await browser.get(response.headers["location"])
    assert f'value="{wanted}"' in form.text


async def test_signing_out_ends_the_session_and_not_only_the_cookie(jana: Person, new_browser: Callable[..., Browser]):
    kept = jana.session
    response = await jana.submit("/sign-out")
    assert response.headers["location"] == "/sign-in?done=signed_out"
    assert not await new_browser(cookie=kept).is_signed_in()


async def test_a_session_of_nobody_is_none(new_browser: Callable[..., Browser]):
    for cookie in ("x", "x" * 5000, "ž", 'a"b'):
        assert (
            await new_browser().get("/account", headers={"Cookie": f"kronika={cookie}".encode()})
        ).status_code == 303


async def test_who_signs_in_again_has_one_session_in_this_browser(
    jana: Person, peter: Person, new_browser: Callable[..., Browser]
):
    before = jana.session
    fields = {"email": peter.email, "password": PASSWORD}
    after = new_browser(cookie=(await jana.submit("/sign-in", fields)).cookies["kronika"])
    assert peter.email in (await after.get("/account")).text
    assert not await new_browser(cookie=before).is_signed_in()
    assert await peter.is_signed_in()


async def test_a_second_sign_in_tab_goes_on_once_the_first_has_signed_in(browser: Browser, jana: Person):
    await browser.get("/sign-in")
    fields = {"form_token": browser.form_token, "email": jana.email, "password": PASSWORD, "next": "/account"}
    for _ in range(2):
        answer = await browser.http.post("/sign-in", data=fields, headers=SAME_ORIGIN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await browser.is_signed_in()
