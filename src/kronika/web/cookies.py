"""The cookies. Over https their names begin with `__Host-`: no other host of the domain can set them."""

from __future__ import annotations

from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from kronika.http.services import services

SESSION: Final = "kronika"
VISITOR: Final = "kronika-visitor"
LANGUAGE: Final = "kronika-language"

_LONGEST = 100
_SECONDS: Final = {SESSION: 90 * 24 * 3600, VISITOR: None, LANGUAGE: 365 * 24 * 3600}

Name = Literal["kronika", "kronika-visitor", "kronika-language"]


def read_cookie(request: Request, name: Name) -> str | None:
    """What the browser keeps under this name, if it could be of ours."""
    value = request.cookies.get(_full_name(request, name), "")
    return value if 0 < len(value) <= _LONGEST and value.isascii() else None


def set_cookie(request: Request, response: Response, name: Name, value: str) -> None:
    """Gives the browser this value to keep, for as long as it may be of use."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=_SECONDS[name],
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def end_cookie(request: Request, response: Response, name: Name) -> None:
    """Has the browser forget it."""
    response.delete_cookie(
        _full_name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )


def _is_secure(request: Request) -> bool:
    return services(request).settings.base_url.startswith("https:")


def _full_name(request: Request, name: Name) -> str:
    return f"__Host-{name}" if _is_secure(request) else name
