"""A user's own affairs: name, language, theme, password, sessions."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.users import queries
from kronika.users.actions import change_password
from kronika.users.input import PROFILE
from kronika.web.agents import browser_name
from kronika.web.forms import Form
from kronika.web.rendering import go_to, render
from kronika.web.visitors import SignedIn

_HERE = "/account"


async def show_account(request: Request, who: SignedIn, form: Form) -> Response:
    async with services(request).database.across_companies() as own:
        await own.for_user(who.user_id)
        sessions = await queries.list_sessions(own, who.user_id)
    return render(request, who, "people/account.html", form=form, sessions=sessions, browser_name=browser_name)


async def do_change_profile(request: Request, who: SignedIn, form: Form) -> Response:
    values = form.read(PROFILE)
    form.judge()
    async with services(request).database.across_companies() as own:
        await own.for_user(who.user_id)
        await queries.change_profile(own, who.user_id, **values)
    return go_to(_HERE, done="saved")


async def do_change_password(request: Request, who: SignedIn, form: Form) -> Response:
    await change_password(
        services(request).database,
        services(request).hasher,
        who.user_id,
        who.visit.session_id,
        old=form.text("old_password"),
        new=form.text("new_password"),
        owner=(who.visit.email, who.visit.name),
    )
    return go_to(_HERE, done="password_changed")


async def do_end_session(request: Request, who: SignedIn, _: Form) -> Response:
    async with services(request).database.across_companies() as own:
        await own.for_user(who.user_id)
        if not await queries.end_session(own, who.user_id, path_id(request, "id")):
            raise NotFound
    return go_to(_HERE, done="session_ended")


async def do_end_other_sessions(request: Request, who: SignedIn, _: Form) -> Response:
    async with services(request).database.across_companies() as own:
        await own.for_user(who.user_id)
        await queries.end_other_sessions(own, who.user_id, who.visit.session_id)
    return go_to(_HERE, done="sessions_ended")
