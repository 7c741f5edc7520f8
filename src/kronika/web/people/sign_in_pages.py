"""Signing in and out, and the language before it is a user's."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import TooManyRequests
from kronika.http.services import services
from kronika.input.fields import choice, required
from kronika.users import queries
from kronika.users.models import LANGUAGES
from kronika.users.signing_in import sign_in
from kronika.web.cookies import LANGUAGE, SESSION, end_cookie, set_cookie
from kronika.web.forms import Form
from kronika.web.origins import browser_of, network_to_count, own_path
from kronika.web.people.entering import end_visit, enter
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Guest

_LANGUAGE = {"language": required(choice(*LANGUAGES))}


async def show_sign_in(request: Request, who: Guest, form: Form, *, trouble: str = "", minutes: int = 0) -> Response:
    after = own_path(form.value("next", request.query_params.get("next")))
    if who.visit:
        return go_to(after)
    status = {"": None, "wrong": 422, "throttled": 429}[trouble]
    return render(
        request, who, "people/sign_in.html", form=form, status=status, after=after, trouble=trouble, minutes=minutes
    )


async def do_sign_in(request: Request, who: Guest, form: Form) -> Response:
    tools = services(request)
    try:
        cookie = await sign_in(
            tools.database,
            tools.hasher,
            email=form.text("email").strip(),
            password=form.text("password"),
            network=network_to_count(request),
            browser=browser_of(request),
        )
    except TooManyRequests as many:
        minutes = math.ceil(many.retry_after / 60)
        response = await show_sign_in(request, who, form, trouble="throttled", minutes=minutes)
        response.headers["Retry-After"] = str(many.retry_after)
        return response
    if cookie is None:
        return await show_sign_in(request, who, form, trouble="wrong")
    return await enter(request, who, cookie, own_path(form.text("next")))


async def do_sign_out(request: Request, who: Guest, _: Form) -> Response:
    await end_visit(request, who)
    response = go_to("/sign-in", done="signed_out")
    end_cookie(request, response, SESSION)
    return response


async def do_choose_language(request: Request, who: Guest, form: Form) -> Response:
    language = form.read(_LANGUAGE)["language"]
    response = go_to(own_path(form.text("next")))
    if language is None:
        return response
    set_cookie(request, response, LANGUAGE, language)
    if who.visit:
        async with services(request).database.across_companies() as own:
            await own.for_user(who.visit.user_id)
            await queries.change_language(own, who.visit.user_id, language)
    return response
