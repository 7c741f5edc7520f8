"""`kronika user …`. Passwords are set by one-time links and never on a command line."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kronika.cli.operator import as_owner
from kronika.cli.output import AsJson, show, show_table
from kronika.settings import load_settings
from kronika.users import operator
from kronika.users.links import PATH
from kronika.users.models import LinkedUser, User
from kronika.users.operator import CreatedUser

user_app = typer.Typer(help="People who use Kronika in a browser.", no_args_is_help=True)

UserId = Annotated[int, typer.Argument(metavar="ID")]


class RoleOption(StrEnum):
    OWNER = "owner"
    MEMBER = "member"


def link_address(base_url: str, token: str) -> str:
    return f"{base_url}{PATH}/{token}"


@user_app.command("create")
def create_user(
    email: str,
    name: Annotated[str, typer.Option(help="As others see it.")],
    company: Annotated[int, typer.Option(metavar="ID", help="The company to be let into.")],
    role: Annotated[RoleOption, typer.Option(help="owner: also users, tokens and settings.")] = RoleOption.OWNER,
    as_json: AsJson = False,
) -> None:
    """Let somebody into a company. Prints a link to set a password, which works once, for 24 hours."""
    created = as_owner(
        lambda owner, hasher: operator.create_user(owner, hasher, email, name=name, company_id=company, role=role.value)
    )
    known = f"User {created.user.id} {created.user.email} is {role.value} of company {company}."
    _show_link(created, known, as_json=as_json)


@user_app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List the users."""
    users = as_owner(lambda owner, _: operator.list_users(owner))
    if as_json:
        show({"users": users}, as_json=True, text="")
    else:
        show_table(
            ("ID", "E-mail", "Name", "Companies", "Password", "Created"),
            [
                (u.id, u.email, u.name, _numbers(u), "set" if u.has_password else "not yet", f"{u.created_at:%Y-%m-%d}")
                for u in users
            ],
        )


@user_app.command("reset-password")
def reset_password(user_id: UserId, as_json: AsJson = False) -> None:
    """Print a link to set a new password, which works once, for 24 hours. The old one holds until then."""
    created = as_owner(lambda owner, hasher: operator.reset_password(owner, hasher, user_id))
    _show_link(created, f"User {created.user.id} {created.user.email}.", as_json=as_json)


@user_app.command("remove")
def remove_user(user_id: UserId, as_json: AsJson = False) -> None:
    """Remove somebody from all companies and end his sessions, at once."""
    user = as_owner(lambda owner, _: operator.remove_user(owner, user_id))
    show(user, as_json=as_json, text=f"User {user.id} {user.email} is removed.")


def _show_link(created: CreatedUser, known: str, *, as_json: bool) -> None:
    user = created.user
    if created.token is None:
        show(user, as_json=as_json, text=f"{known} The password is the one set before.")
        return
    link = link_address(load_settings().base_url, created.token)
    linked = LinkedUser(user.id, user.email, user.name, link)
    show(linked, as_json=as_json, text=f"{known} A password is set here, once, within 24 hours:\n{link}")


def _numbers(user: User) -> str:
    return ", ".join(map(str, user.companies))
