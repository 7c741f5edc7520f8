"""What a one-time link leads to: a name and a password, or a company to join. Looking at it does not use it up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import NotFound
from kronika.http.services import services
from kronika.input.fields import LONGEST_LINE, required, text
from kronika.users.input import EMAIL, NAME, judge_new_password
from kronika.users.links import Entered, become_first_user, find_link, join, join_as_new, set_password_by_link
from kronika.users.models import Link
from kronika.web.forms import Form
from kronika.web.origins import browser_of
from kronika.web.people.entering import enter
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Guest

_COMPANY = {"company": required(text(characters=LONGEST_LINE))}


async def show_link(request: Request, who: Guest, form: Form) -> Response:
    link = await _find(request)
    if link is None:
        return render(request, who, "people/link_ended.html", status=404)
    if _is_to_join(link):
        return render(request, who, "people/join.html", form=form, link=link, may_join=_is_of(link, who))
    return render(request, who, "people/link.html", form=form, link=link)


async def do_link(request: Request, who: Guest, form: Form) -> Response:
    link = await _find(request)
    if link is None:
        return render(request, who, "people/link_ended.html", status=404)
    try:
        if _is_to_join(link):
            return await _join(request, who, link)
        entered = await _enter(request, link, form)
    except NotFound:
        # Somebody was quicker.
        return render(request, who, "people/link_ended.html", status=404)
    after = "/" if entered.company_id is None else f"/c/{entered.company_id}"
    return await enter(request, who, entered.cookie, after)


async def _find(request: Request) -> Link | None:
    tools = services(request)
    try:
        return await find_link(tools.database, tools.hasher, request.path_params["token"])
    except NotFound:
        return None


def _is_to_join(link: Link) -> bool:
    """By who is signed in: it sets no password."""
    return link.kind == "invitation" and (bool(link.has_password) or link.needs_own_link)


def _is_of(link: Link, who: Guest) -> bool:
    return who.visit is not None and who.visit.user_id == link.user_id


async def _join(request: Request, who: Guest, link: Link) -> Response:
    if who.visit is None or not _is_of(link, who):
        return render(request, who, "people/join.html", link=link, may_join=False, status=403)
    tools = services(request)
    company_id = await join(tools.database, tools.hasher, request.path_params["token"], user_id=who.visit.user_id)
    return go_to(f"/c/{company_id}", done="joined")


async def _enter(request: Request, link: Link, form: Form) -> Entered:
    is_first = link.kind == "first"
    fields = {**NAME, **(EMAIL if is_first else {}), **(_COMPANY if link.without_company and is_first else {})}
    values = form.read(fields)
    password = form.text("new_password")
    email = values.get("email") or link.email
    judge_new_password(password, "new_password", form.complaints, owner=(email, values["name"]))
    form.judge()
    tools, token, browser = services(request), request.path_params["token"], browser_of(request)
    if link.kind == "invitation":
        return await join_as_new(
            tools.database, tools.hasher, token, name=values["name"], password=password, browser=browser
        )
    if is_first:
        return await become_first_user(
            tools.database,
            tools.hasher,
            token,
            email=values["email"],
            name=values["name"],
            password=password,
            company=values.get("company"),
            browser=browser,
        )
    return await set_password_by_link(
        tools.database, tools.hasher, token, name=values["name"], password=password, browser=browser
    )
