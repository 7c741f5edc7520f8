"""What the operator does: companies and their tokens. And what the owners of a company do to it."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from kronika.changes.models import SYSTEM, Actor
from kronika.companies import queries
from kronika.companies.models import MOST_TOKENS, Company, CompanySettings, IssuedToken, Scope, Token
from kronika.credentials import Hasher, new_token
from kronika.db.statements import Statements, Transaction
from kronika.errors import Complaints, Invalid, NotFound, Refused

_LONGEST_NAME = 255


async def create_company(
    owner: Statements, name: str, *, time_zone: str = "Europe/Bratislava", sandbox_of: int | None = None
) -> Company:
    """A new company; a sandbox when it is one of another.

    Raises Refused: name or time zone is none; the other company is unknown or a sandbox itself.
    """
    name = _judged_name(name)
    if not await _is_time_zone(owner, time_zone):
        raise Refused(f"there is no time zone {time_zone!r}")
    if sandbox_of is not None:
        parent = await queries.find_company(owner, sandbox_of)
        if parent is None:
            raise Refused(f"there is no company {sandbox_of}")
        if parent.sandbox_of is not None:
            raise Refused(f"company {sandbox_of} is a sandbox itself")
    return await queries.insert_company(owner, name, time_zone, sandbox_of)


async def change_company(transaction: Transaction, settings: CompanySettings) -> None:
    """Changes the transaction's company.

    Raises Invalid on `time_zone`.
    """
    if not await _is_time_zone(transaction, settings.time_zone):
        complaints = Complaints()
        complaints.add("time_zone", "time_zone")
        raise Invalid(complaints)
    await queries.change_company(transaction, settings)


@cache
def time_zones() -> tuple[str, ...]:
    """Names a company may choose from, by region."""
    known = available_timezones()
    return tuple(sorted(name for name in known if "/" in name and not name.startswith(("Etc/", "SystemV/"))))


async def issue_token(owner: Statements, hasher: Hasher, company_id: int, name: str, scope: Scope) -> IssuedToken:
    """A new token; the only time its text is known.

    Raises Refused: no such company; no name.
    """
    name = _judged_name(name)
    if await queries.find_company(owner, company_id) is None:
        raise Refused(f"there is no company {company_id}")
    return await _issue(owner, hasher, company_id, name, scope, by=SYSTEM)


async def create_token(transaction: Transaction, hasher: Hasher, name: str, scope: Scope, *, by: Actor) -> IssuedToken:
    """A new token of the transaction's company, for one of its owners; the only time its text is known.

    Raises Invalid on `name`: the company has as many as it may.
    """
    await queries.lock_own_tokens(transaction)
    if await queries.count_own_tokens(transaction) >= MOST_TOKENS:
        complaints = Complaints()
        complaints.add("name", "tokens_at_most", MOST_TOKENS)
        raise Invalid(complaints)
    return await _issue(transaction, hasher, transaction.company_id, name, scope, by=by)


async def find_own_token(transaction: Transaction, token_id: int) -> Token:
    """A token of the transaction's company that holds.

    Raises NotFound.
    """
    token = await queries.find_own_token(transaction, token_id)
    if token is None:
        raise NotFound
    return token


async def revoke_own_token(transaction: Transaction, token_id: int) -> None:
    """Ends a token of the transaction's company, at once and for good.

    Raises NotFound: there is none that holds.
    """
    if not await queries.revoke_own_token(transaction, token_id):
        raise NotFound


async def revoke_token(owner: Statements, token_id: int) -> Token:
    """Ends a token, at once and for good; its record stays. Revoking twice changes nothing.

    Raises Refused: no such token.
    """
    token = await queries.revoke_token(owner, token_id)
    if token is None:
        raise Refused(f"there is no token {token_id}")
    return token


async def _issue(
    statements: Statements, hasher: Hasher, company_id: int, name: str, scope: Scope, *, by: Actor
) -> IssuedToken:
    text = new_token()
    row = await queries.insert_token(statements, company_id, name, scope, hasher.token_hash(text), by=by)
    return IssuedToken(row.id, row.company_id, row.name, row.scope, row.created_at, text)


def _judged_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Refused(f"a name has 1 to {_LONGEST_NAME} visible characters")
    return name


async def _is_time_zone(owner: Statements, name: str) -> bool:
    # Both sides render times, so both must know it. Names without a region mean other things to them (CET, localtime).
    regional = name == "UTC" or "/" in name
    return regional and name in available_timezones() and await queries.knows_time_zone(owner, name)
