"""What users do to themselves and owners to the users of their company."""

from __future__ import annotations

from kronika.credentials import Hasher, new_ticket
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Invalid, NotFound
from kronika.users import queries
from kronika.users.input import email_key, judge_new_password
from kronika.users.models import Person, Role
from kronika.users.passwords import hash_password, is_right
from kronika.users.signing_in import TRIES_OF_AN_EMAIL, count_try


async def change_password(
    database: Database, hasher: Hasher, user_id: int, session_id: int, *, old: str, new: str, owner: tuple[str, str]
) -> None:
    """Sets a new password and ends all other sessions, and links by which another could be set. `owner`: as in
    judge_new_password.

    Raises Invalid on `old_password` and `new_password`; TooManyRequests.
    """
    # Who finds an open browser must not learn the password of it.
    tries = hasher.try_hash(f"user {user_id}")
    await count_try(database, {tries: TRIES_OF_AN_EMAIL})
    complaints = Complaints()
    judge_new_password(new, "new_password", complaints, owner=owner)
    async with database.across_companies() as own:
        await own.for_user(user_id)
        old_hash = await queries.find_password_hash(own, user_id)
    if not await is_right(old, old_hash):
        complaints.add("old_password", "password_wrong")
    if complaints or old_hash is None:
        raise Invalid(complaints)
    new_hash = await hash_password(new)
    async with database.across_companies() as own:
        await own.for_user(user_id)
        if not await queries.change_password(own, user_id, old=old_hash, new=new_hash):
            # Changed elsewhere, meanwhile.
            complaints.add("old_password", "password_wrong")
            raise Invalid(complaints)
        await queries.end_other_sessions(own, user_id, session_id)
        await queries.end_password_links(own, user_id)
        await queries.forget_window(own, tries)


async def invite(transaction: Transaction, hasher: Hasher, *, email: str, role: Role, by: int) -> str:
    """The token of a link that makes whoever has it a member of the company. It replaces an earlier one to him.

    Raises Invalid: he is one.
    """
    key = email_key(email)
    if any(email_key(person.email) == key for person in await present_people(transaction) if person.email):
        complaints = Complaints()
        complaints.add("email", "member_already")
        raise Invalid(complaints)
    token = new_ticket()
    await queries.put_invitation(
        transaction, email=email, key=key, role=role, link_hash=hasher.one_time_hash(token), user_id=by
    )
    return token


async def withdraw_invitation(transaction: Transaction, invitation_id: int) -> None:
    """Raises NotFound."""
    if not await queries.drop_invitation(transaction, invitation_id):
        raise NotFound


async def present_people(transaction: Transaction) -> list[Person]:
    """Who is in the company now, by name."""
    return [person for person in await queries.list_people(transaction) if person.ended_at is None]


async def find_present_person(transaction: Transaction, user_id: int) -> Person:
    """Raises NotFound: no such user is in the company."""
    for person in await present_people(transaction):
        if person.user_id == user_id:
            return person
    raise NotFound


async def change_role(transaction: Transaction, user_id: int, role: Role) -> None:
    """Raises NotFound; Invalid on `role`: nobody else is an owner."""
    owners = await queries.hold_owners(transaction)
    if role != "owner" and owners == [user_id]:
        raise _last_owner("role")
    if not await queries.change_role(transaction, user_id, role):
        raise NotFound
    if role != "owner":
        await queries.drop_invitations_by(transaction, user_id)


async def remove_from_company(transaction: Transaction, user_id: int) -> None:
    """Ends what the user may do in the company and its sandboxes, at once. Who is in no other is removed altogether.

    Raises NotFound; Invalid on `name`: nobody else is an owner.
    """
    match await queries.remove_from_company(transaction, user_id):
        case "last_owner":
            raise _last_owner("name")
        case "nobody":
            raise NotFound
        case "removed":
            pass


async def new_password_link(transaction: Transaction, hasher: Hasher, user_id: int) -> str | None:
    """The token of a link to set a new password for a user of the company; None: he is also in a company that the
    transaction's user does not own, whose affair it is then, or it is himself, who knows his password.

    Raises NotFound: no such user is in the company.
    """
    await find_present_person(transaction, user_id)
    token = new_ticket()
    made = await queries.put_password_link(transaction, user_id, hasher.one_time_hash(token))
    return token if made else None


def _last_owner(field: str) -> Invalid:
    complaints = Complaints()
    complaints.add(field, "last_owner")
    return Invalid(complaints)
