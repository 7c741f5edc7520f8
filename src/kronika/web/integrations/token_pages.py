"""The tokens of a company, for its owners, and how a program begins to use one."""

from __future__ import annotations

import json
import shlex
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.companies import actions, queries
from kronika.companies.models import IssuedToken, Token
from kronika.db.statements import Transaction
from kronika.http.problems import API_PREFIX
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.fields import LONGEST_LINE, Field, choice, required, text
from kronika.users.queries import list_people
from kronika.web.forms import Form, judge_repeated
from kronika.web.menu import INTEGRATIONS
from kronika.web.once import do_once
from kronika.web.rendering import done_of, go_to, render
from kronika.web.visitors import Member

_FIELDS: dict[str, Field[Any]] = {
    "name": required(text(characters=LONGEST_LINE)),
    "scope": required(choice("read", "write")),
}


async def show_integrations(request: Request, who: Member, _: Form) -> Response:
    return go_to(who.company.path + INTEGRATIONS[0].path, done=done_of(request))


async def show_tokens(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        tokens = await queries.list_own_tokens(transaction)
        people = {person.user_id: person.name for person in await list_people(transaction)}
    return render(
        request,
        who,
        "integrations/tokens.html",
        form=form,
        tokens=[token for token in tokens if token.revoked_at is None],
        revoked=[token for token in tokens if token.revoked_at is not None],
        maker={token.id: _maker(token, people) for token in tokens},
        commands=_commands(request, None),
    )


async def do_create_token(request: Request, who: Member, form: Form) -> Response:
    values = form.read(_FIELDS)
    form.judge()

    async def work(transaction: Transaction) -> IssuedToken:
        hasher = services(request).hasher
        return await actions.create_token(transaction, hasher, values["name"], values["scope"], by=who.actor)

    token = await do_once(request, who, form, IssuedToken, work, sealed=True)
    # Not a redirect, as after other forms: what is shown once must not stand in an address.
    return render(request, who, "integrations/token_made.html", token=token, commands=_commands(request, token))


async def show_revocation(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        token = await actions.find_own_token(transaction, path_id(request, "id"))
    return render(request, who, "integrations/revoke_token.html", form=form, token=token)


async def do_revoke_token(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        token = await actions.find_own_token(transaction, path_id(request, "id"))
        judge_repeated(form, "name", token.name)
        await actions.revoke_own_token(transaction, token.id)
    return go_to(who.company.path + "/integrations/tokens", done="token_revoked")


def _maker(token: Token, people: dict[int, str]) -> str | None:
    """Whose it is, None: the operator's."""
    return people.get(token.created_by_id) if token.created_by == "user" and token.created_by_id else None


def _commands(request: Request, token: IssuedToken | None) -> str:
    """Lines for a shell that work when pasted; without a token, its place is to be filled."""
    base = services(request).settings.base_url + API_PREFIX
    header = '-H "Authorization: Bearer $TOKEN"'
    lines = [f"TOKEN={token.token if token else 'kro_…'}", f"curl {shlex.quote(base + '/whoami')}", header]
    if token is None or token.scope == "write":
        body = shlex.quote(json.dumps({"name": "Acme Ltd."}))
        lines += [f"curl {shlex.quote(base + '/clients')}", header, f"-H 'Content-Type: application/json' -d {body}"]
    return "\n".join(lines).replace("\n-", " \\\n  -")
