"""Statements on users. Those about the signed-in user run in a transaction that is his (`for_user`): row-level security
shows it no other. The functions are of migration 0024.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from kronika.db.statements import Statements, Transaction
from kronika.users.models import Browser, Invitation, Language, Link, Person, Role, Session, SignIn, Theme

Removal: TypeAlias = Literal["removed", "nobody", "last_owner"]

_FIND_SIGN_IN = "SELECT user_id, password_hash FROM find_sign_in(%(key)s)"
_HIT = "SELECT hit_sign_in_window(%(key)s, %(most)s) AS opens_at, clock() AS now_is"
_FORGET = "DELETE FROM sign_in_windows WHERE key = %(key)s"
_FORGIVE = "UPDATE sign_in_windows SET hits = hits - 1 WHERE key = %(key)s AND hits > 0"
# Only while the password is still the one that was judged; held, so that who changes it ends this session too.
_OPEN_SESSION = """
INSERT INTO sessions (user_id, hash, user_agent, address)
SELECT id, %(hash)s, %(user_agent)s, %(address)s FROM users
WHERE id = %(user_id)s AND password_hash = %(password_hash)s FOR SHARE
"""
_LIST_SESSIONS = """
SELECT id, user_agent, address, created_at, last_seen_at FROM sessions
WHERE user_id = %(user_id)s AND is_living_session(created_at, last_seen_at)
ORDER BY last_seen_at DESC, id DESC LIMIT 100
"""
_END_SESSION = "DELETE FROM sessions WHERE user_id = %(user_id)s AND id = %(session_id)s"
_END_OTHER_SESSIONS = "DELETE FROM sessions WHERE user_id = %(user_id)s AND id <> %(session_id)s"
_PASSWORD_HASH = "SELECT id AS user_id, password_hash FROM users WHERE id = %(user_id)s"
_CHANGE_PROFILE = """
UPDATE users SET name = %(name)s, language = %(language)s, theme = %(theme)s WHERE id = %(user_id)s
"""
_CHANGE_LANGUAGE = "UPDATE users SET language = %(language)s WHERE id = %(user_id)s"
_CHANGE_PASSWORD = """
UPDATE users SET password_hash = %(new)s WHERE id = %(user_id)s AND password_hash = %(old)s
"""
_END_PASSWORD_LINKS = "DELETE FROM password_links WHERE user_id = %(user_id)s"
_FIND_LINK = "SELECT * FROM find_link(%(hash)s)"
_USE_PASSWORD_LINK = "SELECT use_password_link(%(hash)s, %(name)s, %(password_hash)s) AS user_id"
_USE_FIRST_LINK = """
SELECT use_first_link(%(hash)s, %(email)s, %(key)s, %(name)s, %(password_hash)s, %(company)s) AS user_id
"""
_USE_INVITATION = """
SELECT whose AS user_id, company AS company_id FROM use_invitation(%(hash)s, %(name)s, %(password_hash)s)
"""
_LIST_PEOPLE = "SELECT * FROM people_of_company()"
_LIST_INVITATIONS = """
SELECT id, email, role, created_at FROM invitations
WHERE company_id = %(company_id)s AND is_living_link(created_at) ORDER BY email_key
"""
_PUT_INVITATION = """
INSERT INTO invitations (company_id, email, email_key, role, hash, created_by)
VALUES (%(company_id)s, %(email)s, %(key)s, %(role)s, %(hash)s, %(user_id)s)
ON CONFLICT (company_id, email_key) DO UPDATE SET
    email = excluded.email, role = excluded.role, hash = excluded.hash, created_by = excluded.created_by,
    created_at = excluded.created_at
"""
_DROP_INVITATIONS_BY = "DELETE FROM invitations WHERE company_id = %(company_id)s AND created_by = %(user_id)s"
_DROP_INVITATION = "DELETE FROM invitations WHERE company_id = %(company_id)s AND id = %(invitation_id)s"
# In one order, so that two owners who act on each other wait and do not block.
_HOLD_OWNERS = """
SELECT user_id FROM memberships
WHERE company_id = %(company_id)s AND role = 'owner' AND ended_at IS NULL ORDER BY user_id FOR UPDATE
"""
_CHANGE_ROLE = """
UPDATE memberships SET role = %(role)s
WHERE company_id = %(company_id)s AND user_id = %(user_id)s AND ended_at IS NULL
"""
_REMOVE = "SELECT remove_from_company(%(user_id)s) AS outcome"
_PUT_PASSWORD_LINK = "SELECT put_password_link(%(user_id)s, %(hash)s) AS is_made"
_REMOVE_LONE_USER = "SELECT remove_lone_user(%(user_id)s) AS is_made"


class _Hit(Struct, frozen=True):
    opens_at: datetime | None
    now_is: datetime


class _Made(Struct, frozen=True):
    is_made: bool


class _Whose(Struct, frozen=True):
    user_id: int | None


class Joined(Struct, frozen=True):
    user_id: int | None
    company_id: int | None


class _Removed(Struct, frozen=True):
    outcome: Removal


class _Owner(Struct, frozen=True):
    user_id: int


async def find_sign_in(statements: Statements, key: str) -> SignIn | None:
    return await statements.maybe(SignIn, _FIND_SIGN_IN, key=key)


async def hit_window(statements: Statements, key: bytes, most: int) -> float:
    """Counts a try; 0, or in how many seconds the next one may be made."""
    hit = await statements.one(_Hit, _HIT, key=key, most=most)
    return 0 if hit.opens_at is None else max((hit.opens_at - hit.now_is).total_seconds(), 1)


async def forget_window(statements: Statements, key: bytes) -> None:
    await statements.run(_FORGET, key=key)


async def forgive_one_hit(statements: Statements, key: bytes) -> None:
    await statements.run(_FORGIVE, key=key)


async def open_session(
    own: Statements, user_id: int, *, password_hash: str, session_hash: bytes, browser: Browser
) -> bool:
    """A new session of the user, if this is still the hash of his password; whether it is."""
    opened = await own.run(
        _OPEN_SESSION,
        user_id=user_id,
        password_hash=password_hash,
        hash=session_hash,
        user_agent=browser.user_agent,
        address=browser.address,
    )
    return opened == 1


async def list_sessions(own: Statements, user_id: int) -> list[Session]:
    """The living ones, last seen first; at most 100."""
    return await own.all(Session, _LIST_SESSIONS, user_id=user_id)


async def end_session(own: Statements, user_id: int, session_id: int) -> bool:
    return await own.run(_END_SESSION, user_id=user_id, session_id=session_id) == 1


async def end_other_sessions(own: Statements, user_id: int, session_id: int) -> int:
    return await own.run(_END_OTHER_SESSIONS, user_id=user_id, session_id=session_id)


async def find_password_hash(own: Statements, user_id: int) -> str | None:
    return (await own.one(SignIn, _PASSWORD_HASH, user_id=user_id)).password_hash


async def change_profile(
    own: Statements, user_id: int, *, name: str, language: Language | None, theme: Theme | None
) -> None:
    await own.run(_CHANGE_PROFILE, user_id=user_id, name=name, language=language, theme=theme)


async def change_language(own: Statements, user_id: int, language: Language) -> None:
    await own.run(_CHANGE_LANGUAGE, user_id=user_id, language=language)


async def change_password(own: Statements, user_id: int, *, old: str, new: str) -> bool:
    """Whether the old hash was still the user's."""
    return await own.run(_CHANGE_PASSWORD, user_id=user_id, old=old, new=new) == 1


async def end_password_links(own: Statements, user_id: int) -> None:
    await own.run(_END_PASSWORD_LINKS, user_id=user_id)


async def find_link(statements: Statements, link_hash: bytes) -> Link | None:
    return await statements.maybe(Link, _FIND_LINK, hash=link_hash)


async def use_password_link(statements: Statements, link_hash: bytes, *, name: str, password_hash: str) -> int | None:
    """Whose it was; None: it is no living link."""
    return (
        await statements.one(_Whose, _USE_PASSWORD_LINK, hash=link_hash, name=name, password_hash=password_hash)
    ).user_id


async def use_first_link(
    statements: Statements,
    link_hash: bytes,
    *,
    email: str,
    key: str,
    name: str,
    password_hash: str,
    company: str | None,
) -> int | None:
    """The new user; None: it is no living link."""
    values = {"email": email, "key": key, "name": name, "password_hash": password_hash, "company": company}
    return (await statements.one(_Whose, _USE_FIRST_LINK, hash=link_hash, **values)).user_id


async def use_invitation(
    statements: Statements, link_hash: bytes, *, name: str | None, password_hash: str | None
) -> Joined:
    """Who has joined what; None: it is no living link, or another's (then undo the transaction)."""
    return await statements.one(Joined, _USE_INVITATION, hash=link_hash, name=name, password_hash=password_hash)


async def list_people(transaction: Transaction) -> list[Person]:
    """Everybody who is in the company or was, by name."""
    return await transaction.all(Person, _LIST_PEOPLE)


async def list_invitations(transaction: Transaction) -> list[Invitation]:
    """The open ones, by address."""
    return await transaction.all(Invitation, _LIST_INVITATIONS)


async def put_invitation(
    transaction: Transaction, *, email: str, key: str, role: Role, link_hash: bytes, user_id: int
) -> None:
    """A new invitation in place of an earlier one to the same address."""
    await transaction.run(_PUT_INVITATION, email=email, key=key, role=role, hash=link_hash, user_id=user_id)


async def drop_invitation(transaction: Transaction, invitation_id: int) -> bool:
    return await transaction.run(_DROP_INVITATION, invitation_id=invitation_id) == 1


async def drop_invitations_by(transaction: Transaction, user_id: int) -> None:
    await transaction.run(_DROP_INVITATIONS_BY, user_id=user_id)


async def hold_owners(transaction: Transaction) -> list[int]:
    """The company's owners, who stay so until the transaction ends."""
    return [row.user_id for row in await transaction.all(_Owner, _HOLD_OWNERS)]


async def change_role(transaction: Transaction, user_id: int, role: Role) -> bool:
    return await transaction.run(_CHANGE_ROLE, user_id=user_id, role=role) == 1


async def remove_from_company(transaction: Transaction, user_id: int) -> Removal:
    """What came of ending all that he may do in the company and its sandboxes; `last_owner`: undo the transaction."""
    return (await transaction.one(_Removed, _REMOVE, user_id=user_id)).outcome


async def put_password_link(transaction: Transaction, user_id: int, link_hash: bytes) -> bool:
    """Whether the transaction's user may make one for this user of the company."""
    return (await transaction.one(_Made, _PUT_PASSWORD_LINK, user_id=user_id, hash=link_hash)).is_made


async def remove_lone_user(transaction: Statements, user_id: int) -> bool:
    """Removes a user who is in no company; whether he was."""
    return (await transaction.one(_Made, _REMOVE_LONE_USER, user_id=user_id)).is_made
