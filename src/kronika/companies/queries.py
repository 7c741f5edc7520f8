"""Statements of the operator, who works on all companies, on a connection of the owner and not of the application; and
those of a company's owners, in its transaction.
"""

from __future__ import annotations

from msgspec import Struct

from kronika.changes.models import Actor
from kronika.companies.models import Company, CompanySettings, Scope, Token
from kronika.db.statements import Found, Statements, Transaction

_INSERT_COMPANY = """
INSERT INTO companies (name, time_zone, sandbox_of) VALUES (%(name)s, %(time_zone)s, %(sandbox_of)s)
RETURNING id, name, time_zone, sandbox_of, created_at
"""
_FIND_COMPANY = """
SELECT id, name, time_zone, sandbox_of, created_at FROM companies WHERE id = %(company_id)s
"""
_LIST_COMPANIES = """
SELECT id, name, time_zone, sandbox_of, created_at FROM companies ORDER BY id
"""
_KNOWS_TIME_ZONE = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %(name)s) AS found"
_HOLD_SETTINGS = """
SELECT name, time_zone, language FROM companies WHERE id = %(company_id)s FOR NO KEY UPDATE
"""
_CHANGE_COMPANY = """
UPDATE companies SET name = %(name)s, time_zone = %(time_zone)s, language = %(language)s WHERE id = %(company_id)s
"""
_TOKEN = "id, company_id, name, scope, created_by, created_by_id, created_at, last_used_at, revoked_at"
_INSERT_TOKEN = (
    """
INSERT INTO tokens (company_id, name, scope, hash, created_by, created_by_id)
VALUES (%(company_id)s, %(name)s, %(scope)s, %(hash)s, %(created_by)s, %(created_by_id)s)
RETURNING """
    + _TOKEN
)
_LIST_TOKENS = (
    "SELECT "
    + _TOKEN
    + """ FROM tokens
WHERE %(company_id)s::bigint IS NULL OR company_id = %(company_id)s
ORDER BY company_id, id
"""
)
_REVOKE_TOKEN = (
    """
UPDATE tokens SET revoked_at = coalesce(revoked_at, clock()) WHERE id = %(token_id)s
RETURNING """
    + _TOKEN
)
# Who makes one counts first: two at once would both find room for the last.
_LOCK_OWN_TOKENS = "SELECT pg_advisory_xact_lock(hashtextextended('tokens ' || %(company_id)s, 0))"
_COUNT_OWN_TOKENS = "SELECT count(*) AS count FROM tokens WHERE company_id = %(company_id)s AND revoked_at IS NULL"
# What was revoked long ago is of no use in a list.
_LIST_OWN_TOKENS = (
    "SELECT "
    + _TOKEN
    + """ FROM tokens WHERE company_id = %(company_id)s
ORDER BY revoked_at IS NOT NULL, revoked_at DESC, id DESC LIMIT 500
"""
)
_FIND_OWN_TOKEN = (
    "SELECT " + _TOKEN + " FROM tokens WHERE company_id = %(company_id)s AND id = %(token_id)s AND revoked_at IS NULL"
)
_REVOKE_OWN_TOKEN = """
UPDATE tokens SET revoked_at = clock()
WHERE company_id = %(company_id)s AND id = %(token_id)s AND revoked_at IS NULL
"""


class _Count(Struct, frozen=True):
    count: int


async def insert_company(owner: Statements, name: str, time_zone: str, sandbox_of: int | None) -> Company:
    return await owner.one(Company, _INSERT_COMPANY, name=name, time_zone=time_zone, sandbox_of=sandbox_of)


async def find_company(owner: Statements, company_id: int) -> Company | None:
    return await owner.maybe(Company, _FIND_COMPANY, company_id=company_id)


async def list_companies(owner: Statements) -> list[Company]:
    return await owner.all(Company, _LIST_COMPANIES)


async def knows_time_zone(owner: Statements, name: str) -> bool:
    return (await owner.one(Found, _KNOWS_TIME_ZONE, name=name)).found


async def hold_settings(transaction: Transaction) -> CompanySettings:
    """Those of the transaction's company, which stay so until it ends."""
    return await transaction.one(CompanySettings, _HOLD_SETTINGS)


async def change_company(transaction: Transaction, settings: CompanySettings) -> None:
    await transaction.run(_CHANGE_COMPANY, name=settings.name, time_zone=settings.time_zone, language=settings.language)


async def insert_token(
    statements: Statements, company_id: int, name: str, scope: Scope, token_hash: bytes, *, by: Actor
) -> Token:
    return await statements.one(
        Token,
        _INSERT_TOKEN,
        company_id=company_id,
        name=name,
        scope=scope,
        hash=token_hash,
        created_by=by.kind,
        created_by_id=by.id,
    )


async def list_tokens(owner: Statements, company_id: int | None) -> list[Token]:
    return await owner.all(Token, _LIST_TOKENS, company_id=company_id)


async def revoke_token(owner: Statements, token_id: int) -> Token | None:
    return await owner.maybe(Token, _REVOKE_TOKEN, token_id=token_id)


async def lock_own_tokens(transaction: Transaction) -> None:
    """Keeps the company's list of tokens for this transaction alone."""
    await transaction.run(_LOCK_OWN_TOKENS)


async def count_own_tokens(transaction: Transaction) -> int:
    """Those that are not revoked."""
    return (await transaction.one(_Count, _COUNT_OWN_TOKENS)).count


async def list_own_tokens(transaction: Transaction) -> list[Token]:
    """The company's: those that hold, the newest first, and then those revoked last."""
    return await transaction.all(Token, _LIST_OWN_TOKENS)


async def find_own_token(transaction: Transaction, token_id: int) -> Token | None:
    """One that holds."""
    return await transaction.maybe(Token, _FIND_OWN_TOKEN, token_id=token_id)


async def revoke_own_token(transaction: Transaction, token_id: int) -> bool:
    """Whether there was one that held."""
    return await transaction.run(_REVOKE_OWN_TOKEN, token_id=token_id) == 1
