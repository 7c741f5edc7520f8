"""One-time links: of the first user, to set a password, to join a company. Shown once, stored as a hash, used once.

Whatever is raised in a transaction here undoes the use too: the link goes on living.
"""

from __future__ import annotations

from msgspec import Struct

from kronika.credentials import Hasher, new_ticket
from kronika.db.pool import Database
from kronika.db.statements import Statements
from kronika.errors import NotFound
from kronika.users import queries
from kronika.users.input import email_key
from kronika.users.models import Browser, Link
from kronika.users.passwords import hash_password

PATH = "/link"


class Entered(Struct, frozen=True):
    """Somebody whom a link let in: the cookie of his new session, and the company he has joined, if he has."""

    cookie: str
    company_id: int | None


async def find_link(database: Database, hasher: Hasher, token: str) -> Link:
    """What the link is for.

    Raises NotFound: it is none, has been used, or is older than a day.
    """
    async with database.across_companies() as statements:
        link = await queries.find_link(statements, hasher.one_time_hash(token))
    if link is None:
        raise NotFound
    return link


async def set_password_by_link(
    database: Database, hasher: Hasher, token: str, *, name: str, password: str, browser: Browser
) -> Entered:
    """Sets name and password of the link's user, ends his sessions, begins one.

    Raises NotFound: as find_link.
    """
    password_hash = await hash_password(password)
    async with database.across_companies() as statements:
        used = hasher.one_time_hash(token)
        user_id = await queries.use_password_link(statements, used, name=name, password_hash=password_hash)
        return Entered(await _begin(statements, hasher, user_id, password_hash, browser), None)


async def become_first_user(
    database: Database,
    hasher: Hasher,
    token: str,
    *,
    email: str,
    name: str,
    password: str,
    company: str | None,
    browser: Browser,
) -> Entered:
    """Makes the first user, owner of all companies without one, or of a new company where there is none.

    Raises NotFound: as find_link.
    """
    password_hash = await hash_password(password)
    async with database.across_companies() as statements:
        user_id = await queries.use_first_link(
            statements,
            hasher.one_time_hash(token),
            email=email,
            key=email_key(email),
            name=name,
            password_hash=password_hash,
            company=company,
        )
        return Entered(await _begin(statements, hasher, user_id, password_hash, browser), None)


async def join_as_new(
    database: Database, hasher: Hasher, token: str, *, name: str, password: str, browser: Browser
) -> Entered:
    """Makes a user of who was invited, and a member.

    Raises NotFound: as find_link, and when a user with this address has a password of his own.
    """
    password_hash = await hash_password(password)
    async with database.across_companies() as statements:
        used = hasher.one_time_hash(token)
        joined = await queries.use_invitation(statements, used, name=name, password_hash=password_hash)
        cookie = await _begin(statements, hasher, joined.user_id, password_hash, browser)
        return Entered(cookie, joined.company_id)


async def join(database: Database, hasher: Hasher, token: str, *, user_id: int) -> int:
    """Makes a member of a user who is signed in; the company he has joined.

    Raises NotFound: as find_link, and when somebody else was invited.
    """
    async with database.across_companies() as statements:
        await statements.for_user(user_id)
        used = hasher.one_time_hash(token)
        joined = await queries.use_invitation(statements, used, name=None, password_hash=None)
        if joined.company_id is None:
            raise NotFound
        return joined.company_id


async def _begin(
    statements: Statements, hasher: Hasher, user_id: int | None, password_hash: str, browser: Browser
) -> str:
    if user_id is None:
        raise NotFound
    cookie = new_ticket()
    await statements.for_user(user_id)
    opened = await queries.open_session(
        statements, user_id, password_hash=password_hash, session_hash=hasher.session_hash(cookie), browser=browser
    )
    assert opened
    return cookie
