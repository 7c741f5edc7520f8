"""Companies to try things in: of another company, with its time zone and language, and with nothing else of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from kronika.db.statements import Found, Transaction
from kronika.errors import Complaints, Invalid, NotFound

MOST_SANDBOXES: Final = 20
"""Of one company, which its owners may make; the operator may make more."""

_CREATE = "SELECT outcome, sandbox AS id FROM create_sandbox(%(name)s, %(most)s)"
_LIST = "SELECT id, name, created_at, owners, is_mine FROM sandboxes_of_company()"
_ENTER = "SELECT enter_sandbox(%(sandbox_id)s) AS found"
_PARENT = "SELECT sandbox_of AS id FROM companies WHERE id = %(company_id)s"


class Sandbox(Struct, frozen=True):
    """`owners`: the names of those who are in the company too. `is_mine`: who asks is in the sandbox."""

    id: int
    name: str
    created_at: datetime
    owners: list[str]
    is_mine: bool


class _Created(Struct, frozen=True):
    outcome: Literal["made", "full", "refused"]
    id: int | None


class _Parent(Struct, frozen=True):
    id: int | None


async def create_sandbox(transaction: Transaction, name: str) -> int:
    """The id of a new sandbox of the transaction's company; its user, who must own that, owns the sandbox.

    Raises Invalid on `name`: the company has as many as it may, or is a sandbox itself.
    """
    created = await transaction.one(_Created, _CREATE, name=name, most=MOST_SANDBOXES)
    if created.id is None:
        complaints = Complaints()
        if created.outcome == "full":
            complaints.add("name", "sandboxes_at_most", MOST_SANDBOXES)
        else:
            complaints.add("name", "sandbox_of_sandbox")
        raise Invalid(complaints)
    return created.id


async def enter_sandbox(transaction: Transaction, sandbox_id: int) -> None:
    """Makes the transaction's user, who must own its company, an owner of a sandbox of it.

    Raises NotFound.
    """
    if not (await transaction.one(Found, _ENTER, sandbox_id=sandbox_id)).found:
        raise NotFound


async def list_sandboxes(transaction: Transaction) -> list[Sandbox]:
    """Those of the transaction's company, as its user may see them."""
    return await transaction.all(Sandbox, _LIST)


async def parent_of(transaction: Transaction) -> int | None:
    """The company that the transaction's is a sandbox of."""
    return (await transaction.one(_Parent, _PARENT)).id
