"""The users of a company, for its owners."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.errors import Forbidden
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.users import actions, queries
from kronika.users.input import INVITATION, ROLE
from kronika.users.links import PATH
from kronika.users.models import Role
from kronika.web.forms import Form, judge_repeated
from kronika.web.rendering import go_to, render
from kronika.web.transactions import members_transaction
from kronika.web.visitors import Member


async def show_people(request: Request, who: Member, form: Form) -> Response:
    async with members_transaction(request, who) as transaction:
        people = await actions.present_people(transaction)
        invitations = await queries.list_invitations(transaction)
    return render(request, who, "people/people.html", form=form, people=people, invitations=invitations)


async def do_invite(request: Request, who: Member, form: Form) -> Response:
    values = form.read(INVITATION)
    form.judge()
    async with members_transaction(request, who) as transaction:
        token = await actions.invite(
            transaction, services(request).hasher, email=values["email"], role=values["role"], by=who.user_id
        )
    return _show_link(request, who, "invite", values["email"], token)


async def do_withdraw_invitation(request: Request, who: Member, _: Form) -> Response:
    async with members_transaction(request, who) as transaction:
        await actions.withdraw_invitation(transaction, path_id(request, "id"))
    return go_to(_here(who), done="invitation_withdrawn")


async def do_change_role(request: Request, who: Member, form: Form) -> Response:
    role: Role | None = form.read(ROLE)["role"]
    form.judge()
    assert role
    async with members_transaction(request, who) as transaction:
        await actions.change_role(transaction, path_id(request, "id"), role)
    return go_to(_here(who), done="role_changed")


async def do_reset_password(request: Request, who: Member, _: Form) -> Response:
    user_id = path_id(request, "id")
    async with members_transaction(request, who) as transaction:
        person = await actions.find_present_person(transaction, user_id)
        token = await actions.new_password_link(transaction, services(request).hasher, user_id)
    if token is None:
        raise Forbidden
    return _show_link(request, who, "reset", person.name, token)


async def show_removal(request: Request, who: Member, form: Form) -> Response:
    async with members_transaction(request, who) as transaction:
        person = await actions.find_present_person(transaction, path_id(request, "id"))
    return render(request, who, "people/remove_person.html", form=form, person=person)


async def do_remove(request: Request, who: Member, form: Form) -> Response:
    user_id = path_id(request, "id")
    async with members_transaction(request, who) as transaction:
        person = await actions.find_present_person(transaction, user_id)
        # It cannot be undone: so the name is asked for.
        judge_repeated(form, "name", person.name)
        await actions.remove_from_company(transaction, user_id)
    return go_to("/" if user_id == who.user_id else _here(who), done="" if user_id == who.user_id else "person_removed")


def _show_link(request: Request, who: Member, what: str, whose: str, token: str) -> Response:
    # Not a redirect, as after other forms: what is shown once must not stand in an address.
    link = f"{services(request).settings.base_url}{PATH}/{token}"
    return render(request, who, "people/shown_once.html", what=what, whose=whose, link=link)


def _here(who: Member) -> str:
    return who.company.path + "/settings/users"
