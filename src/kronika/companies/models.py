from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Scope: TypeAlias = Literal["read", "write"]


class Company(Struct, frozen=True, rename="camel"):
    id: int
    name: str
    time_zone: str
    sandbox_of: int | None
    created_at: datetime


class CompanySettings(Struct, frozen=True):
    """What its owners decide. `language`: of pages, where neither a user nor his browser asks for one that there is."""

    name: str
    time_zone: str
    language: Literal["en", "sk"] | None


class Token(Struct, frozen=True, rename="camel"):
    """A token as it may be shown at any time: without the secret."""

    id: int
    company_id: int
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


class IssuedToken(Struct, frozen=True, rename="camel"):
    """A token at the one moment it can be read."""

    id: int
    company_id: int
    name: str
    scope: Scope
    created_at: datetime
    token: str


class Whoami(Struct, frozen=True):
    name: str
