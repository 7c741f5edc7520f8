"""What holds for every page: headers, errors, text that stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import psycopg
import pytest
from support.api import Api
from support.pages import filled
from support.people import Browser, Person, without_token

from kronika.app import PLAIN_ROUTES
from kronika.web.routes import WEB_ROUTES

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}<img src=x onerror=alert(1)>"
# Files have headers of their own, and what is told live does not end.
GETS = sorted(
    route.path for route in WEB_ROUTES if "GET" in (route.methods or ()) and not re.search("static|/live$", route.path)
)
COMPANY_PAGES = sorted(route.path for route in WEB_ROUTES if route.path.startswith("/c/"))


@pytest.mark.parametrize("path", GETS)
async def test_a_page_lets_nothing_run_that_is_not_ours_and_is_kept_nowhere(jana: Person, path: str):
    response = await jana.get(filled(path, company=jana.company_id, id=jana.user_id))
    if response.status_code == 303:
        assert response.headers["cache-control"] == "no-store"
        return
    policy = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! type=\"module\" src=)|<style|\sstyle=|\son\w+=|javascript:", response.text)
    assert not re.search(r'(?:src|href|action)="(?:https?:|//)', response.text)


async def test_a_company_that_is_another_s_and_one_that_is_none_are_the_same_page_to_the_byte(
    jana: Person, stranger: Api
):
    for path in COMPANY_PAGES:
        method = "GET" if "GET" in next(route for route in WEB_ROUTES if route.path == path).methods else "POST"
        answers: list[httpx2.Response] = []
        for company in (stranger.company_id, 9_999_999, "0", "-1", "x", "%00", "9" * 30):
            address = filled(path, company=company, id=jana.user_id)
            options = {"data": {"form_token": jana.form_token}} if method == "POST" else {}
            options["headers"] = {"Accept-Encoding": "identity"}
            answers.append(await jana.http.request(method, address, **options))
        assert {answer.status_code for answer in answers} == {404}
        assert len({without_token(answer) for answer in answers}) == 1
        shown = [{name: value for name, value in a.headers.items() if name != "x-request-id"} for a in answers]
        assert all(headers == shown[0] for headers in shown)


@pytest.mark.parametrize("path", COMPANY_PAGES)
async def test_who_is_not_signed_in_learns_nothing_of_companies(browser: Browser, jana: Person, path: str):
    for company in (jana.company_id, 9_999_999, "x"):
        address = filled(path, company=company)
        for method in ("GET", "POST"):
            answer = await browser.http.request(method, address)
            assert answer.status_code in {303, 405}
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/nowhere", "/c", "/c/1/2/3", "/account/", "/static/x/style.css", "/docsandmore"])
async def test_what_is_not_there_is_a_page_for_people(browser: Browser, jana: Person, path: str):
    for whose in (browser, jana):
        response = await whose.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "There is nothing here" in response.text
        assert "content-security-policy" in response.headers


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/public/v2", "/files", "/files/", "/healthz/x", "/openapi.json/", "/docs/x"]
)
async def test_for_programs_it_stays_json(browser: Browser, path: str):
    response = await browser.get(path, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    assert PLAIN_ROUTES


async def test_a_method_that_a_page_does_not_have_is_a_page_too(jana: Person):
    response = await jana.http.put("/account")
    assert response.status_code == 405
    assert {name.strip() for name in response.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert response.headers["content-type"].startswith("text/html")


async def test_head_is_answered_as_get_without_a_body(jana: Person):
    response = await jana.http.head("/account")
    assert (response.status_code, response.content) == (200, b"")


async def test_a_mistake_of_ours_is_a_page_with_the_number_of_the_request_and_no_details(
    jana: Person, monkeypatch: pytest.MonkeyPatch
):
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("kronika.users.queries.list_sessions", fail)
    response = await jana.get("/account")
    assert response.status_code == 500
    assert "Something broke here" in response.text
    assert response.headers["x-request-id"] in response.text
    assert "secret" not in response.text
    assert "content-security-policy" in response.headers


async def test_when_no_page_can_be_made_there_is_an_answer_all_the_same(jana: Person, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("kronika.web.pages.render", fail)
    monkeypatch.setattr("kronika.web.people.account_pages.render", fail)
    response = await jana.get("/account")
    assert (response.status_code, response.json()) == (500, {"message": "Server Error"})


async def test_without_a_database_pages_say_so_and_that_nothing_is_lost(
    without_database: httpx2.AsyncClient, jana: Person
):
    cookie = {"Cookie": f"kronika={jana.session}"}
    for path in ("/account", f"{jana.company}/settings/company", "/nowhere"):
        response = await without_database.get(path, headers=cookie)
        assert response.status_code == 503
        assert "Nothing was lost" in response.text
        assert response.headers["retry-after"] == "1"
    # Nothing is asked where nobody says who he is.
    assert (await without_database.get("/sign-in")).status_code == 200


async def test_hostile_names_are_text_on_every_page(
    plain_api: Api, new_person: Callable[..., Person], owner: psycopg.Connection, new_browser: Callable[..., Browser]
):
    mallory = new_person(plain_api, name=HOSTILE)
    other = new_person(plain_api, name=HOSTILE, role="member")
    owner.execute("UPDATE companies SET name = %s WHERE id = %s", [HOSTILE, plain_api.company_id])
    owner.execute("UPDATE users SET email = %s WHERE id = %s", [HOSTILE, other.user_id])
    said = [f"Firefox {HOSTILE}", HOSTILE, mallory.user_id]
    owner.execute("UPDATE sessions SET user_agent = %s, address = %s WHERE user_id = %s", said)
    users = f"{mallory.company}/settings/users"
    pages = [
        await mallory.get("/account"),
        await mallory.get(f"{mallory.company}/settings/company"),
        await mallory.get(users),
        await mallory.get(f"{users}/{other.user_id}/remove"),
        await mallory.submit(f"{users}/{other.user_id}/reset-password"),
        await mallory.submit("/account", {"name": HOSTILE * 9}),
        await mallory.submit(users, {"email": HOSTILE, "role": HOSTILE}),
        await mallory.submit(f"{mallory.company}/settings/company", {"name": HOSTILE * 9, "time_zone": HOSTILE}),
        await mallory.get("/nowhere", params={"done": HOSTILE, "next": HOSTILE}),
        await new_browser().sign_in(HOSTILE, HOSTILE),
        await new_browser().get("/sign-in", params={"next": HOSTILE, "done": HOSTILE}),
        await new_browser(cookie=None).get(f"/link/{HOSTILE}".replace("/", "%2F", 1)),
    ]
    for page in pages:
        assert page.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[2].text
    assert "{{7*7}}" in pages[2].text


async def test_assets_are_kept_for_good_under_an_address_that_says_what_they_hold(browser: Browser):
    page = await browser.get("/sign-in")
    addresses = set(re.findall(r'"(/static/[^"#]+)', page.text))
    assert {address.rpartition(".")[2] for address in addresses} == {"css", "js", "svg"}
    for address in addresses:
        response = await browser.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["x-content-type-options"] == "nosniff"
        again = await browser.get(address, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        version = address.split("/")[2]
        assert (await browser.get(address.replace(version, "0" * 16))).status_code == 404
    for name in ("../pages.py", "%2e%2e%2fpages.py", "__init__.py"):
        assert (await browser.get(f"/static/{version}/{name}")).status_code == 404
