from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable

import httpx2
import psycopg
import pytest
from support.api import Api
from support.people import Browser, Person, let_in, new_session, new_user

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
        http = httpx2.AsyncClient(
            transport=app._transport, base_url=app.base_url, headers={"X-Forwarded-For": address}
        )
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
def peter(jana: Person, plain_api: Api, new_person: Callable[..., Person]) -> Person:
    """A member of Jana's company."""
    return new_person(plain_api, role="member", name="Peter")


@pytest.fixture
def eve(stranger: Api, new_person: Callable[..., Person]) -> Person:
    """An owner of the stranger's company."""
    return new_person(stranger, name="Eve")
