"""A page: its path, who may ask for it, what shows it, what does its form's wish.

    page("/c/{company}/settings/company", a_member, show=show_company, do=change_company)

`show` answers GET. `do` answers POST with what it did (`go_to`); when it raises Invalid, `show` is asked again, with
the form as it was sent and what is wrong with it. `again` is the `show` of a path that has no page of its own. A form
of a page that is older than the session is shown again too, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kronika.db.pool import LockWaitTimeout
from kronika.errors import Forbidden, Invalid, Problem, TooManyRequests, Unavailable
from kronika.http.context import context
from kronika.http.services import services
from kronika.http.texts import texts_of
from kronika.languages import select_language
from kronika.web.forms import ForgedForm, Form, StaleForm, read_form
from kronika.web.rendering import go_to, render
from kronika.web.signed_out import show_written
from kronika.web.texts import has_text
from kronika.web.visitors import Guest, SignInNeeded, anybody, nearest_language

W = TypeVar("W", bound=Guest)
Show: TypeAlias = Callable[[Request, W, Form], Awaitable[Response]]
Do: TypeAlias = Callable[[Request, W, Form], Awaitable[Response]]

_SCRIPT_HEADER: Final = "x-part"

_log = structlog.get_logger("kronika")


def page(
    path: str,
    who_may: Callable[[Request], Awaitable[W]],
    *,
    show: Show[W] | None = None,
    do: Do[W] | None = None,
    again: Show[W] | None = None,
    files: bool = False,
) -> Route:
    """The route of a page; see above. `files`: its form brings files."""
    methods = [*(["GET", "HEAD"] if show else []), *(["POST"] if do else [])]
    here = _Page(who_may, show, do, again or show, files)

    async def dispatch(request: Request) -> Response:
        try:
            return await (here.take(request) if request.method == "POST" else here.answer(request))
        except (SignInNeeded, Problem, ForgedForm, LockWaitTimeout) as problem:
            if is_for_script(request):
                return _tell_script(problem)
            if isinstance(problem, SignInNeeded):
                return _go_and_sign_in(request)
            return await answer_trouble(request, problem)

    return Route(path, dispatch, methods=methods)


class _Page(Generic[W]):
    def __init__(
        self,
        who_may: Callable[[Request], Awaitable[W]],
        show: Show[W] | None,
        do: Do[W] | None,
        again: Show[W] | None,
        files: bool,
    ) -> None:
        self._who_may = who_may
        self._show = show
        self._do = do
        self._again = again
        self._files = files

    async def answer(self, request: Request) -> Response:
        assert self._show
        return await self._show(request, await self._who_may(request), Form())

    async def take(self, request: Request) -> Response:
        """What its form asks."""
        form: Form | None = None
        try:
            who = await self._who_may(request)
            form = await self._read(request, who)
            # Once more: a body may take minutes, and who asked may be nobody by now.
            who = await self._who_may(request)
        except SignInNeeded:
            written = None if is_for_script(request) else await show_written(request, form)
            if written is None:
                raise
            return written
        return await (self._show_stale if form.is_stale else self._judge)(request, who, form)

    async def _read(self, request: Request, who: W) -> Form:
        """The form; a stale one too, where it can be shown again."""
        try:
            return await read_form(request, who, with_files=self._files)
        except StaleForm as stale:
            if self._again is None or is_for_script(request):
                raise
            return stale.form

    async def _show_stale(self, request: Request, who: W, form: Form) -> Response:
        assert self._again
        response = await self._again(request, who, form)
        if response.status_code == HTTPStatus.OK:
            response.status_code = HTTPStatus.FORBIDDEN
        return response

    async def _judge(self, request: Request, who: W, form: Form) -> Response:
        assert self._do
        try:
            form.judge()
            return await self._do(request, who, form)
        except Invalid as wrong:
            if is_for_script(request):
                return JSONResponse({"errors": texts_of(wrong.complaints, who.language)}, wrong.status)
            if self._again is None:
                raise
            form.complain(wrong.complaints)
            return await self._again(request, who, form)


def _go_and_sign_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    after = f"?next={quote(wanted, safe='/')}" if request.method != "POST" and wanted != "/" else ""
    return go_to(f"/sign-in{after}")


def is_for_script(request: Request) -> bool:
    """Whether a script of ours asks, which puts what it gets into the page: a part of a page, or what is wrong."""
    return _SCRIPT_HEADER in request.headers


def _tell_script(problem: Exception) -> Response:
    match problem:
        case SignInNeeded():
            status = HTTPStatus.UNAUTHORIZED
        case ForgedForm():
            status = HTTPStatus.FORBIDDEN
        case Problem():
            status = HTTPStatus(problem.status)
        case _:
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse({}, status)


async def answer_trouble(request: Request, problem: Exception) -> Response:
    """The page that says what went wrong, in the frame as far as it is known who asks."""
    match problem:
        case ForgedForm():
            status, kind = HTTPStatus.FORBIDDEN, "form"
        case Unavailable() | LockWaitTimeout():
            status, kind = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"
            _log.warning("unavailable", request_id=context(request).request_id, cause=repr(problem.__cause__))
        case HTTPException():
            status, kind = HTTPStatus(problem.status_code), str(problem.status_code)
        case Problem():
            status, kind = HTTPStatus(problem.status), str(problem.status)
        case _:
            status, kind = HTTPStatus.INTERNAL_SERVER_ERROR, "500"
    who = _nobody(request)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
        try:
            who = await anybody(request, _company_in(request) if isinstance(problem, Forbidden) else None)
        except (Unavailable, LockWaitTimeout) as trouble:
            return await answer_trouble(request, trouble)
    response = render(
        request,
        who,
        "trouble.html",
        status=status,
        kind=kind if has_text(f"trouble.{kind}.title") else "other",
        request_id=context(request).request_id,
    )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    elif isinstance(problem, TooManyRequests):
        response.headers["Retry-After"] = str(problem.retry_after)
    elif isinstance(problem, HTTPException) and problem.headers:
        response.headers.update(problem.headers)
    return response


def _company_in(request: Request) -> int | None:
    value = request.path_params.get("company", "")
    return int(value) if value.isdecimal() else None


def _nobody(request: Request) -> Guest:
    """Whoever it is: nothing is asked, since that may be what fails."""
    default = services(request).settings.default_language
    language = nearest_language(select_language(request.headers.get("accept-language", ""), default))
    context(request).language = language
    return Guest(language=language, theme=None, form_key="", form_token="", fresh_cookie=None, visit=None, company=None)
