"""What is known of a request besides its content: carried in the ASGI scope, read for headers and log."""

from __future__ import annotations

from typing import cast

from msgspec import Struct
from starlette.requests import HTTPConnection
from starlette.types import Scope

_KEY = "kronika.context"


class RateState(Struct, frozen=True):
    """The company's window after this request was counted."""

    limit: int
    remaining: int


class Context(Struct):
    request_id: str
    language: str
    token_hash: bytes | None = None
    company_id: int | None = None
    rate: RateState | None = None
    close: bool = False
    """The request was not read to its end, so the connection cannot carry another."""


def attach(scope: Scope, context: Context) -> None:
    scope[_KEY] = context


def context(request: HTTPConnection) -> Context:
    return cast(Context, request.scope[_KEY])
