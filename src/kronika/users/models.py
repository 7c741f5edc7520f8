"""Users, their sessions, and who they are in a company."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Role: TypeAlias = Literal["owner", "member"]
Language: TypeAlias = Literal["en", "sk"]
Theme: TypeAlias = Literal["light", "dark"]

ROLES: tuple[Role, ...] = ("owner", "member")
LANGUAGES: tuple[Language, ...] = ("en", "sk")
THEMES: tuple[Theme, ...] = ("light", "dark")


class Visit(Struct, frozen=True):
    """Whose session a cookie is, and the company that was asked for if he is in it, else one of his, if any.

    `now_is` is the database's moment; `company_ids`, `company_names` and `company_sandboxes` (whether it is one) go
    together, in the order of the names.
    """

    session_id: int
    user_id: int
    email: str
    name: str
    language: Language | None
    theme: Theme | None
    now_is: datetime
    company_ids: list[int]
    company_names: list[str]
    company_sandboxes: list[bool]
    company_id: int | None
    company_name: str | None
    time_zone: str | None
    company_language: Language | None
    role: Role | None
    is_sandbox: bool | None


class SignIn(Struct, frozen=True):
    """What a password is judged by."""

    user_id: int
    password_hash: str | None


class Session(Struct, frozen=True):
    """A browser that is signed in."""

    id: int
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime


class Browser(Struct, frozen=True):
    """What is kept of the browser of a new session."""

    user_agent: str
    address: str


class Person(Struct, frozen=True):
    """Somebody who is or was (`ended_at`) in the company. `may_reset`: who asks may make a link for a new password."""

    user_id: int
    name: str
    email: str | None
    role: Role
    has_password: bool
    may_reset: bool
    last_seen_at: datetime | None
    ended_at: datetime | None


class Invitation(Struct, frozen=True):
    id: int
    email: str
    role: Role
    created_at: datetime


class Link(Struct, frozen=True):
    """What a one-time link is for: the first user, a password of a user, or to become a member of a company.

    `user_id`, `name`, `has_password` are of who has the address already. `needs_own_link`: he has no password yet, and
    is in a company whose affair that is. `without_company`: there is none at all yet.
    """

    kind: Literal["first", "password", "invitation"]
    user_id: int | None
    email: str | None
    email_key: str | None
    name: str | None
    has_password: bool | None
    needs_own_link: bool
    company_id: int | None
    company_name: str | None
    language: Language | None
    without_company: bool


class User(Struct, frozen=True, rename="camel"):
    """A user as the operator sees him."""

    id: int
    email: str
    name: str
    has_password: bool
    companies: list[int]
    created_at: datetime


class LinkedUser(Struct, frozen=True, rename="camel"):
    """A user and the one-time link to set a password, which is shown once."""

    id: int
    email: str
    name: str
    link: str
