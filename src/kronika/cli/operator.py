"""Commands for companies and tokens. They work beside a running server and without one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from kronika.cli.output import AsJson, clear_errors, show, show_table
from kronika.companies import actions, queries
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.db.statements import Statements
from kronika.server.prepared import prepared
from kronika.settings import load_settings

T = TypeVar("T")

company_app = typer.Typer(help="Companies and their sandboxes.", no_args_is_help=True)
token_app = typer.Typer(help="Bearer tokens of companies.", no_args_is_help=True)


class ScopeOption(StrEnum):
    READ = "read"
    WRITE = "write"


def as_owner(work: Callable[[Statements, Hasher], Awaitable[T]]) -> T:
    """What the work gives that is done in one transaction of the owner of the tables."""

    async def run(database_url: str, hasher: Hasher) -> T:
        async with owner_transaction(database_url) as owner:
            return await work(owner, hasher)

    with clear_errors(), prepared(load_settings()) as settings:
        return asyncio.run(run(settings.database_url, Hasher(settings.secret_key)))


@company_app.command("create")
def create_company(
    name: str,
    sandbox_of: Annotated[int | None, typer.Option(metavar="ID", help="The company it is a sandbox of.")] = None,
    time_zone: Annotated[str, typer.Option(help="In which its times are shown.")] = "Europe/Bratislava",
    as_json: AsJson = False,
) -> None:
    """Make a company."""
    company = as_owner(lambda owner, _: actions.create_company(owner, name, time_zone=time_zone, sandbox_of=sandbox_of))
    kind = "Company" if company.sandbox_of is None else f"Sandbox of company {company.sandbox_of}:"
    show(company, as_json=as_json, text=f"{kind} {company.id} {company.name} ({company.time_zone})")


@company_app.command("list")
def list_companies(as_json: AsJson = False) -> None:
    """List the companies."""
    companies = as_owner(lambda owner, _: queries.list_companies(owner))
    if as_json:
        show({"companies": companies}, as_json=True, text="")
    else:
        show_table(
            ("ID", "Name", "Sandbox of", "Time zone", "Created"),
            [(c.id, c.name, c.sandbox_of, c.time_zone, f"{c.created_at:%Y-%m-%d}") for c in companies],
        )


@token_app.command("create")
def create_token(
    company: Annotated[int, typer.Option(metavar="ID", help="The company it speaks for.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[ScopeOption, typer.Option(help="write includes read.")],
    as_json: AsJson = False,
) -> None:
    """Issue a token. It is shown now and never again."""
    token = as_owner(lambda owner, hasher: actions.issue_token(owner, hasher, company, name, scope.value))
    show(
        token,
        as_json=as_json,
        text=f"Token {token.id} ({token.scope}) of company {token.company_id}. It is not shown again:\n{token.token}",
    )


@token_app.command("list")
def list_tokens(
    company: Annotated[int | None, typer.Option(metavar="ID", help="Only this company's.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tokens, revoked ones too."""
    tokens = as_owner(lambda owner, _: queries.list_tokens(owner, company))
    if as_json:
        show({"tokens": tokens}, as_json=True, text="")
    else:
        show_table(
            ("ID", "Company", "Name", "Scope", "Created", "Last used", "Revoked"),
            [
                (
                    t.id,
                    t.company_id,
                    t.name,
                    t.scope,
                    f"{t.created_at:%Y-%m-%d}",
                    t.last_used_at and f"{t.last_used_at:%Y-%m-%d}",
                    t.revoked_at and f"{t.revoked_at:%Y-%m-%d}",
                )
                for t in tokens
            ],
        )


@token_app.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """End a token, at once."""
    token = as_owner(lambda owner, _: actions.revoke_token(owner, token_id))
    show(token, as_json=as_json, text=f"Token {token.id} of company {token.company_id} is revoked.")
