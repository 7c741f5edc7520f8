from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx2
import psycopg
import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Page, async_playwright
from support.api import Api
from support.board_on_screen import Board
from support.chromium import ARGUMENTS, CHROMIUM, NONE_HERE, Served
from support.couriers import LOOPBACK_SETTING
from support.people import Browser, Person, let_in, new_session, new_user
from support.server import Installation

from kronika.credentials import Hasher

_networks = itertools.count(1)


@pytest.fixture
async def new_browser(hasher: Hasher, http_of: Callable[..., httpx2.AsyncClient]) -> AsyncIterator[Callable]:
    """Makes a browser that nobody has signed in with, in a network of its own."""
    made: list[httpx2.AsyncClient] = []

    def make(*, cookie: str | None = None, **settings: object) -> Browser:
        app = http_of(**settings)
        number = next(_networks)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        http = httpx2.AsyncClient(transport=app._transport, base_url=app.base_url, headers={"X-Forwarded-For": address})
        if cookie:
            http.cookies.set("kronika", cookie)
        made.append(http)
        return Browser(http, hasher)

    return make


@pytest.fixture
async def browser(new_browser: Callable[..., Browser]) -> Browser:
    return new_browser()


@pytest.fixture
def new_person(owner: psycopg.Connection, hasher: Hasher, new_browser: Callable[..., Browser]) -> Callable[..., Person]:
    """Makes a user of a company, signed in."""

    def make(api: Api, *, role: str = "owner", name: str | None = None, also: Api | None = None) -> Person:
        user_id, email, name = new_user(owner, api.company_id, role=role, name=name)
        if also:
            let_in(owner, user_id, also.company_id)
        browser = new_browser(cookie=new_session(owner, hasher, user_id))
        return Person(browser.http, hasher, user_id, email, name, api.company_id)

    return make


@pytest.fixture
def jana(plain_api: Api, new_person: Callable[..., Person]) -> Person:
    """An owner of a company of this test's own."""
    return new_person(plain_api, name="Jana")


@pytest.fixture
def karol(jana: Person, plain_api: Api, new_person: Callable[..., Person]) -> Person:
    """Another owner of Jana's company."""
    return new_person(plain_api, name="Karol")


@pytest.fixture
def peter(jana: Person, plain_api: Api, new_person: Callable[..., Person]) -> Person:
    """A member of Jana's company."""
    return new_person(plain_api, role="member", name="Peter")


@pytest.fixture
def eve(stranger: Api, new_person: Callable[..., Person]) -> Person:
    """An owner of the stranger's company."""
    return new_person(stranger, name="Eve")


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """A real browser."""
    if CHROMIUM is None:
        pytest.skip(NONE_HERE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A running server with two companies, which the first user, Jana, will own. Receivers may be on loopback."""
    place = Installation(settings={"WEBHOOK_ALLOWED_HOSTS": LOOPBACK_SETTING})
    link = place.start("--demo")["signIn"]
    second = place.json("company", "create", "Žltý kôň a.s.")["id"]
    yield Served(place, [1, second], link)
    place.clean_up()


@pytest.fixture
async def new_page(chromium: Chromium, served: Served) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Makes a page of a browser of its own, whose every complaint fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def make(*, width: int = 1280, **options: object) -> Page:
        size = {"width": width, "height": 844}
        options = {"locale": "en-GB", **options}
        context = await chromium.new_context(base_url=served.address, viewport=size, **options)
        # A page that does not come must not hold up everything for half a minute.
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield make
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest.fixture
def signed_in(served: Served, new_page: Callable[..., Awaitable[Page]]) -> Callable[..., Awaitable[Page]]:
    """The same, of Jana's."""

    async def make(**options: object) -> Page:
        page = await new_page(**options)
        await served.sign_in(page)
        return page

    return make


@pytest.fixture
async def board(signed_in: Callable[..., Awaitable[Page]], served: Served) -> Board:
    """The board of a company, as Jana sees it, with the columns A and B."""
    page = await signed_in(has_touch=True)
    board = Board(served, page)
    await board.fill()
    return board
