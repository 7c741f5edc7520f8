"""Statements of the operator, who works on all companies, on a connection of the owner and not of the application; and
one of a company's owners, on theirs.
"""

from __future__ import annotations

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
_CHANGE_COMPANY = """
UPDATE companies SET name = %(name)s, time_zone = %(time_zone)s, language = %(language)s WHERE id = %(company_id)s
"""
_INSERT_TOKEN = """
INSERT INTO tokens (company_id, name, scope, hash, created_by)
VALUES (%(company_id)s, %(name)s, %(scope)s, %(hash)s, 'system')
RETURNING id, company_id, name, scope, created_at, revoked_at
"""
_LIST_TOKENS = """
SELECT id, company_id, name, scope, created_at, revoked_at FROM tokens
WHERE %(company_id)s::bigint IS NULL OR company_id = %(company_id)s
ORDER BY company_id, id
"""
_REVOKE_TOKEN = """
UPDATE tokens SET revoked_at = coalesce(revoked_at, clock()) WHERE id = %(token_id)s
RETURNING id, company_id, name, scope, created_at, revoked_at
"""


async def insert_company(owner: Statements, name: str, time_zone: str, sandbox_of: int | None) -> Company:
    return await owner.one(Company, _INSERT_COMPANY, name=name, time_zone=time_zone, sandbox_of=sandbox_of)


async def find_company(owner: Statements, company_id: int) -> Company | None:
    return await owner.maybe(Company, _FIND_COMPANY, company_id=company_id)


async def list_companies(owner: Statements) -> list[Company]:
    return await owner.all(Company, _LIST_COMPANIES)


async def knows_time_zone(owner: Statements, name: str) -> bool:
    return (await owner.one(Found, _KNOWS_TIME_ZONE, name=name)).found


async def change_company(transaction: Transaction, settings: CompanySettings) -> None:
    await transaction.run(_CHANGE_COMPANY, name=settings.name, time_zone=settings.time_zone, language=settings.language)


async def insert_token(owner: Statements, company_id: int, name: str, scope: Scope, token_hash: bytes) -> Token:
    return await owner.one(Token, _INSERT_TOKEN, company_id=company_id, name=name, scope=scope, hash=token_hash)


async def list_tokens(owner: Statements, company_id: int | None) -> list[Token]:
    return await owner.all(Token, _LIST_TOKENS, company_id=company_id)


async def revoke_token(owner: Statements, token_id: int) -> Token | None:
    return await owner.maybe(Token, _REVOKE_TOKEN, token_id=token_id)
