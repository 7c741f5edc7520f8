"""What the operator does to users, on a connection of the owner of the tables, who sees all of them."""

from __future__ import annotations

from msgspec import Struct

from kronika.credentials import Hasher, new_ticket
from kronika.db.statements import Found, Statements
from kronika.errors import Refused
from kronika.input.fields import is_email
from kronika.input.normalise import clean_text
from kronika.users import queries
from kronika.users.input import email_key
from kronika.users.models import Role, User

_LONGEST = 255

_FIND_COMPANY = "SELECT EXISTS (SELECT FROM companies WHERE id = %(company_id)s) AS found"
_LIST_USERS = """
SELECT u.id, u.email, u.name, u.password_hash IS NOT NULL AS has_password, u.created_at,
    coalesce((SELECT array_agg(m.company_id ORDER BY m.company_id) FROM memberships m
              WHERE m.user_id = u.id AND m.ended_at IS NULL), '{}') AS companies
FROM users u
WHERE u.removed_at IS NULL AND (%(user_id)s::bigint IS NULL OR u.id = %(user_id)s)
ORDER BY u.id
"""
_INSERT_USER = """
INSERT INTO users (email, email_key, name) VALUES (%(email)s, %(key)s, %(name)s)
ON CONFLICT (email_key) DO NOTHING
"""
_INSERT_MEMBERSHIP = """
INSERT INTO memberships (company_id, user_id, role) VALUES (%(company_id)s, %(user_id)s, %(role)s)
ON CONFLICT (company_id, user_id) DO UPDATE SET role = excluded.role, ended_at = NULL
"""
_END_MEMBERSHIPS = "UPDATE memberships SET ended_at = clock() WHERE user_id = %(user_id)s AND ended_at IS NULL"
_END_INVITATIONS = """
DELETE FROM invitations
WHERE created_by = %(user_id)s OR email_key = (SELECT email_key FROM users WHERE id = %(user_id)s)
"""
_PUT_LINK = """
INSERT INTO password_links (hash, user_id) VALUES (%(hash)s, %(user_id)s)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at, created_by = NULL
"""
_SOMEBODY = "SELECT EXISTS (SELECT FROM users WHERE password_hash IS NOT NULL) AS found"


class CreatedUser(Struct, frozen=True):
    """`token` is that of the link to set a password; None: somebody with this address had one already."""

    user: User
    token: str | None


async def create_user(
    owner: Statements, hasher: Hasher, email: str, *, name: str, company_id: int, role: Role
) -> CreatedUser:
    """A user of the company, who sets a password by a link. Somebody with this address gets the company added.

    Raises Refused: no address, no name, no such company.
    """
    if len(email) > _LONGEST or not is_email(email):
        raise Refused(f"{email!r} is no e-mail address")
    clean = clean_text(name)
    if clean is None or len(clean) > _LONGEST or not clean.isprintable():
        raise Refused(f"a name has 1 to {_LONGEST} visible characters")
    if not (await owner.one(Found, _FIND_COMPANY, company_id=company_id)).found:
        raise Refused(f"there is no company {company_id}")
    key = email_key(email)
    await owner.run(_INSERT_USER, email=email, key=key, name=clean)
    found = await queries.find_sign_in(owner, key)
    assert found is not None
    await owner.run(_INSERT_MEMBERSHIP, company_id=company_id, user_id=found.user_id, role=role)
    token = None if found.password_hash else await _put_link(owner, hasher, found.user_id)
    return CreatedUser(await find_user(owner, found.user_id), token)


async def list_users(owner: Statements) -> list[User]:
    return await owner.all(User, _LIST_USERS, user_id=None)


async def find_user(owner: Statements, user_id: int) -> User:
    """Raises Refused: there is none."""
    user = await owner.maybe(User, _LIST_USERS, user_id=user_id)
    if user is None:
        raise Refused(f"there is no user {user_id}")
    return user


async def reset_password(owner: Statements, hasher: Hasher, user_id: int) -> CreatedUser:
    """A link to set a new password; the old one holds until it is used.

    Raises Refused: no such user.
    """
    user = await find_user(owner, user_id)
    return CreatedUser(user, await _put_link(owner, hasher, user_id))


async def remove_user(owner: Statements, user_id: int) -> User:
    """Removes him from all companies and ends his sessions, at once; also the last owner of a company.

    Raises Refused: no such user.
    """
    user = await find_user(owner, user_id)
    await owner.run(_END_INVITATIONS, user_id=user_id)
    await owner.run(_END_MEMBERSHIPS, user_id=user_id)
    await queries.remove_lone_user(owner, user_id)
    return user


async def prepare_first_link(owner: Statements, hasher: Hasher) -> str | None:
    """The token of a link by which the first user gets in, in place of the last one; None: somebody has a password."""
    if (await owner.one(Found, _SOMEBODY)).found:
        return None
    return await _put_link(owner, hasher, None)


async def _put_link(owner: Statements, hasher: Hasher, user_id: int | None) -> str:
    token = new_ticket()
    await owner.run(_PUT_LINK, hash=hasher.one_time_hash(token), user_id=user_id)
    return token
