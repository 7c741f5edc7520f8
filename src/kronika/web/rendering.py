"""From a template to an answer: the frame around it, the headers that hold it in."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kronika.http.compression import compressed
from kronika.http.services import services
from kronika.templating import new_environment
from kronika.web.assets import asset
from kronika.web.cookies import VISITOR, set_cookie
from kronika.web.forms import ONCE_FIELD, TOKEN_FIELD, Form
from kronika.web.menu import INTEGRATIONS, MENU, SETTINGS
from kronika.web.texts import has_text, text
from kronika.web.visitors import Guest
from kronika.web.when import Clock

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; font-src 'none'; manifest-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it browsers do not say either where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@cache
def _environment() -> Environment:
    environment = new_environment("kronika.web")
    # The stubs know the built-in ones only.
    cast(dict[str, Any], environment.globals).update(asset=asset, TOKEN_FIELD=TOKEN_FIELD, ONCE_FIELD=ONCE_FIELD)
    return environment


def render(
    request: Request, who: Guest, template: str, *, form: Form | None = None, status: int | None = None, **values: Any
) -> Response:
    """The page. `form`: what was sent and is shown again; with complaints the status is 422, unless another is given.

    Templates know `t` (a text by its key), `clock`, `who`, `form`, `errors`, `path`, and these values.
    """
    form = form or Form()
    language = who.language
    now_is = who.visit.now_is if who.visit else datetime.now(UTC)
    content = (
        _environment()
        .get_template(template)
        .render(
            values,
            who=who,
            language=language,
            t=partial(text, language),
            clock=Clock(language, who.company.zone if who.company else ZoneInfo("UTC"), now_is),
            form=form,
            errors=form.errors(language),
            path=request.url.path,
            notice=f"done.{done}" if (done := done_of(request)) else None,
            menu=MENU,
            settings_tabs=SETTINGS,
            integrations_tabs=INTEGRATIONS,
            base_url=services(request).settings.base_url,
        )
    )
    if status is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.complaints else HTTPStatus.OK
    body, encoding = compressed(request, content.encode())
    response = Response(body, status, {**PAGE_HEADERS, **encoding}, media_type="text/html")
    if who.fresh_cookie:
        set_cookie(request, response, VISITOR, who.fresh_cookie)
    return response


def go_to(path: str, *, done: str = "", at: str = "", **query: int) -> Response:
    """After a form: the page to look at, which says what was done (`done.…` of the catalogue). `at`: the id of what on
    it is to be seen.
    """
    assert not done or has_text(f"done.{done}")
    asked = {**({"done": done} if done else {}), **query}
    address = (f"{path}?{urlencode(asked)}" if asked else path) + (f"#{at}" if at else "")
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def done_of(request: Request) -> str:
    """What the address says was done, if it is something of ours: an address can only choose among these."""
    done = request.query_params.get("done", "")
    return done if done and has_text(f"done.{done}") else ""
