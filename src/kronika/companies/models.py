from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from kronika.changes.models import ActorKind

Scope: TypeAlias = Literal["read", "write"]

MOST_TOKENS: Final = 100
"""Of one company, those that are revoked not counted, and the operator may make more."""


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
    """A token as it may be shown at any time: without the secret. `last_used_at` is right to the hour."""

    id: int
    company_id: int
    name: str
    scope: Scope
    created_by: ActorKind
    created_by_id: int | None
    created_at: datetime
    last_used_at: datetime | None
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
