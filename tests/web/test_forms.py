"""Forms are taken from our own pages in the same browser, and from nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import psycopg
import pytest
from support.pages import filled
from support.people import Browser, Person, new_session

from kronika.credentials import Hasher, masked
from kronika.web.forms import Form
from kronika.web.routes import WEB_ROUTES

POSTS = sorted(route.path for route in WEB_ROUTES if "POST" in (route.methods or ()))
PROFILE = {"name": "Changed", "language": "", "theme": ""}
HERE = "http://kronika.test"


def name_of(owner: psycopg.Connection, person: Person) -> str:
    return owner.execute("SELECT name FROM users WHERE id = %s", [person.user_id]).fetchone()["name"]


@pytest.mark.parametrize("path", POSTS)
async def test_no_form_at_all_is_taken_without_the_browsers_token(jana: Person, path: str):
    path = filled(path, company=jana.company_id, id=jana.user_id)
    for fields in (
        {},
        {"form_token": ""},
        {"form_token": "x"},
        {"form_token": "ž"},
        {"form_token": "0" * 64},
        {"form_token": "0" * 128},
    ):
        response = await jana.http.post(path, data=fields)
        assert response.status_code == 403
        assert "Nothing was changed" in response.text
    assert await jana.is_signed_in()


async def test_the_token_of_another_session_is_none_here(
    jana: Person, eve: Person, browser: Browser, owner: psycopg.Connection, hasher: Hasher
):
    await browser.get("/sign-in")
    other = masked(hasher.form_token(new_session(owner, hasher, jana.user_id)))
    for token in (eve.form_token, browser.form_token, other):
        response = await jana.http.post("/account", data={**PROFILE, "form_token": token})
        assert response.status_code == 403
    assert name_of(owner, jana) == jana.name


async def test_the_token_is_another_text_in_every_page_and_each_of_them_is_taken(
    jana: Person, owner: psycopg.Connection, hasher: Hasher
):
    """Else its letters could be found out from the lengths of compressed pages."""
    shown = [(await jana.get("/account")).text for _ in range(3)]
    tokens = [set(re.findall(r'name="form_token" value="(\w+)"', page)) for page in shown]
    assert len(set.union(*tokens)) == 3
    plain = hasher.form_token(jana.session or "")
    assert plain not in "".join(shown)
    for number, (token,) in enumerate(tokens):
        fields = {**PROFILE, "name": f"Changed {number}", "form_token": token}
        assert (await jana.http.post("/account", data=fields)).status_code == 303
        assert name_of(owner, jana) == f"Changed {number}"
    for wrong in (plain, token[:-2], f"{token[:-1]}{'0' if token[-1] != '0' else '1'}", token + "00"):
        assert (await jana.http.post("/account", data={**PROFILE, "form_token": wrong})).status_code == 403


async def test_a_sign_in_form_is_taken_only_in_the_browser_that_was_given_it(
    browser: Browser, new_browser: Callable[..., Browser], jana: Person
):
    await browser.get("/sign-in")
    victim = new_browser()
    await victim.get("/sign-in")
    fields = {"form_token": browser.form_token, "email": jana.email, "password": "correct horse battery"}
    assert (await victim.http.post("/sign-in", data=fields)).status_code == 403
    assert victim.session is None


FROM_ELSEWHERE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://kronika.test.evil.test"},
    {"Origin": "https://kronika.test"},
    {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.test", "Sec-Fetch-Site": "same-origin"},
]
FROM_HERE: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": HERE, "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost:8000", "Host": "localhost:8000"},
]


@pytest.mark.parametrize("headers", FROM_ELSEWHERE + FROM_HERE)
async def test_what_a_browser_says_comes_from_another_site_is_not_taken_even_with_the_token(
    jana: Person, owner: psycopg.Connection, headers: dict[str, str]
):
    response = await jana.submit("/account", PROFILE, headers=headers)
    from_here = headers in FROM_HERE
    assert response.status_code == (303 if from_here else 403)
    assert name_of(owner, jana) == ("Changed" if from_here else jana.name)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"form_token=%s&name=x", "text/plain", 403),
        (b'{"form_token": "%s", "name": "x"}', "application/json", 403),
        (b"form_token=%s&" + b"&".join(b"a=b" for _ in range(300)), "application/x-www-form-urlencoded", 403),
        (b"form_token=%s&name=" + b"x" * (1024 * 1024), "application/x-www-form-urlencoded", 413),
        (b"form_token=%s&name=%%ff%%fe", "application/x-www-form-urlencoded", 303),
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_refused(
    jana: Person, owner: psycopg.Connection, content: bytes, kind: str, status: int
):
    body = content.replace(b"%s", jana.form_token.encode()).replace(b"%%", b"%")
    response = await jana.http.post("/account", content=body, headers={"Content-Type": kind})
    assert response.status_code == status
    assert status == 303 or response.headers["content-type"].startswith("text/html")
    assert (name_of(owner, jana) == jana.name) is (status != 303)


@pytest.mark.parametrize("path", POSTS)
async def test_a_get_changes_nothing(jana: Person, path: str, owner: psycopg.Connection):
    path = filled(path, company=jana.company_id, id=jana.user_id)
    before = owner.execute("SELECT * FROM users WHERE id = %s", [jana.user_id]).fetchone()
    fields = {"form_token": jana.form_token, **PROFILE, "role": "member"}
    response = await jana.get(path, params=fields)
    assert response.status_code in {200, 303, 404, 405}
    assert owner.execute("SELECT * FROM users WHERE id = %s", [jana.user_id]).fetchone() == before
    assert await jana.is_signed_in()


async def test_who_is_not_signed_in_any_more_is_led_to_the_sign_in_and_nothing_is_done(
    jana: Person, owner: psycopg.Connection, plain_http: httpx2.AsyncClient
):
    response = await plain_http.post("/account", data={**PROFILE, "form_token": jana.form_token})
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert name_of(owner, jana) == jana.name


@pytest.fixture
def plain_http(http_of: Callable[..., httpx2.AsyncClient]) -> httpx2.AsyncClient:
    return http_of()


def test_lines_end_as_they_do_everywhere_and_a_repeated_field_counts_last():
    form = Form([("note", "a")])
    assert (form.text("note"), form.text("else"), form.value("else", 7), form.value("note", 7)) == ("a", "", "7", "a")


async def test_the_language_is_chosen_before_anybody_is_known_and_stays(browser: Browser, jana: Person):
    assert 'lang="sk"' in (await browser.get("/sign-in", headers={"Accept-Language": "cs,en;q=0.5"})).text
    assert 'lang="en"' in (await browser.get("/sign-in")).text
    response = await browser.submit("/language", {"language": "sk", "next": "//evil.test"})
    assert response.headers["location"] == "/"
    shown = await browser.get("/sign-in", headers={"Accept-Language": "en"})
    assert 'lang="sk"' in shown.text
    assert shown.headers["content-language"] == "sk"
    assert (await browser.submit("/language", {"language": "xx"})).headers["location"] == "/"
    assert 'lang="sk"' in (await browser.get("/sign-in")).text
    await jana.submit("/language", {"language": "sk", "next": "/account"})
    assert 'lang="sk"' in (await jana.get("/account", headers={"Accept-Language": "en"})).text
