"""People with browsers, without a browser: requests with cookies, forms with their tokens."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2
import psycopg
from argon2 import PasswordHasher

from kronika.credentials import Hasher, masked, new_ticket
from kronika.users.input import email_key

PASSWORD = "correct horse battery"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
_numbers = itertools.count(1)
# Verified by the parameters it names: a real one would take a tenth of a second each time.
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = _CHEAP.hash(PASSWORD)
_TOKEN = re.compile(r'name="form_token" value="(\w+)"')
_ERROR = re.compile(r'class="error"(?: id="(\w+)-error"| role="alert")>.*?</svg> ([^<]+)</p>', re.DOTALL)
_LINK = re.compile(r"/link/([\w-]{43})")


@dataclass
class Browser:
    """A browser of somebody's, which says of no form where it comes from. Redirects are not followed."""

    http: httpx2.AsyncClient
    hasher: Hasher

    @property
    def session(self) -> str | None:
        return self.http.cookies.get("kronika")

    @property
    def form_token(self) -> str:
        return masked(self.hasher.form_token(self.session or self.http.cookies["kronika-visitor"]))

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.http.get(path, **options)

    async def submit(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> httpx2.Response:
        """Sends a form of ours."""
        if self.session is None and "kronika-visitor" not in self.http.cookies:
            await self.get("/sign-in")
        return await self.http.post(path, data={"form_token": self.form_token, **(fields or {})}, **options)

    async def post_form(
        self, path: str, fields: dict[str, Any] | None = None, *files: tuple[str, bytes], **options: Any
    ) -> httpx2.Response:
        """Sends a form of ours that may bring files, by name and content."""
        texts = [
            ("form_token", (None, self.form_token)),
            *((name, (None, text)) for name, text in (fields or {}).items()),
        ]
        parts = [*texts, *(("files", file) for file in files or [("", b"")])]
        return await self.http.post(path, files=parts, **options)

    async def sign_in(self, email: str, password: str = PASSWORD, **options: Any) -> httpx2.Response:
        shown = await self.get("/sign-in")
        (token,) = set(_TOKEN.findall(shown.text))
        fields = {"form_token": token, "email": email, "password": password}
        return await self.http.post("/sign-in", data=fields, **options)

    async def is_signed_in(self) -> bool:
        return (await self.get("/account")).status_code == 200


@dataclass
class Person(Browser):
    """A user who is signed in."""

    user_id: int
    email: str
    name: str
    company_id: int

    @property
    def company(self) -> str:
        return f"/c/{self.company_id}"


def new_user(
    owner: psycopg.Connection,
    company_id: int,
    *,
    role: str = "owner",
    name: str | None = None,
    email: str | None = None,
) -> tuple[int, str, str]:
    """Id, e-mail and name of a new user with a password."""
    number = next(_numbers)
    name, email = name or f"User {number}", email or f"user{number}@example.test"
    row = owner.execute(
        "INSERT INTO users (email, email_key, name, password_hash) VALUES (%s, %s, %s, %s) RETURNING id",
        [email, email_key(email), name, PASSWORD_HASH],
    ).fetchone()
    let_in(owner, row["id"], company_id, role)
    return row["id"], email, name


def let_in(owner: psycopg.Connection, user_id: int, company_id: int, role: str = "owner") -> None:
    owner.execute(
        "INSERT INTO memberships (company_id, user_id, role) VALUES (%s, %s, %s)", [company_id, user_id, role]
    )


def new_session(owner: psycopg.Connection, hasher: Hasher, user_id: int) -> str:
    """The cookie of a new session."""
    cookie = new_ticket()
    owner.execute(
        "INSERT INTO sessions (user_id, hash, user_agent, address) VALUES (%s, %s, '', '192.0.2.0/24')",
        [user_id, hasher.session_hash(cookie)],
    )
    return cookie


def link_in(response: httpx2.Response) -> str:
    """The path of the one-time link that a page shows."""
    (token,) = set(_LINK.findall(response.text))
    return f"/link/{token}"


def without_token(response: httpx2.Response) -> str:
    """The page without what is another text in every answer."""
    return re.sub(r'"[0-9a-f]{128}"', '""', response.text)


def seen_in(response: httpx2.Response) -> str:
    """What the form of a page was made of."""
    (seen,) = re.findall(r'name="seen" value="(\w*)"', response.text)
    return seen


def errors_in(response: httpx2.Response) -> dict[str, str]:
    """The first complaint of each field of a page, by the field's name; fails when it is no 422."""
    assert response.status_code == 422, response.text
    found = _ERROR.findall(response.text)
    return {field: unescape(sentence) for field, sentence in found}
