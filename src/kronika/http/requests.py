"""What routes share: a path id, a JSON create, a JSON change."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.encoding import json_bytes
from kronika.errors import Complaints, Invalid, NotFound
from kronika.http.admission import Admission, admit
from kronika.http.body import decode_object, read_body
from kronika.http.idempotency import idempotency_key, once
from kronika.http.responses import json_response, no_content
from kronika.http.services import services
from kronika.http.waiting import in_lane
from kronika.input.fields import Field, MembersReader, parse_integer, read_members

T = TypeVar("T")

_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)


def path_id(request: Request, name: str) -> int:
    """The id in the path.

    Raises NotFound: it is not a number that could be one.
    """
    value = request.path_params[name]
    number = parse_integer(value) if _DIGITS.fullmatch(value) else None
    if number is None:
        raise NotFound
    return number


class Draft(Struct, frozen=True):
    """What a create or a change was asked to make: its values as far as they could be read, what is wrong so far."""

    values: dict[str, Any]
    complaints: Complaints
    prepared: Any = None
    """What `prepare` gave, if there is such a step."""

    def judged(self) -> dict[str, Any]:
        """The values.

        Raises Invalid: there are complaints.
        """
        if self.complaints:
            raise Invalid(self.complaints)
        return self.values


Work: TypeAlias = Callable[[Transaction, Admission, Draft], Awaitable[Any]]
Prepare: TypeAlias = Callable[[Draft], Awaitable[Any]]
"""What has to be found out before the transaction, since none may wait for it (a name server, say). It can add
complaints, and what it gives is the draft's `prepared`. Asked also for a request that gets a repeated answer, or a 404.
"""


Lane: TypeAlias = "str | Callable[[dict[str, Any]], str | None] | None"
"""What a request locks for the whole company, or says what that is from its values as far as they could be read."""


async def create(
    request: Request,
    fields: Mapping[str, Field[Any]],
    work: Work,
    *,
    prepare: Prepare | None = None,
    lane: Lane = None,
    sealed: bool = False,
) -> Response:
    """A keyed create of anything that is not on the hot path: admitted, read, and done once.

    `work` adds the complaints that only the database can raise, asks for the judged values, does what is to be done,
    and gives what to show. `sealed`: see `once`.
    """
    body = await read_body(request)
    who = await admit(request, needs_write=True)
    payload, complaints = decode_object(request, body)
    # What could not be read as it was meant must not equal something that could: it counts as its raw bytes.
    key = idempotency_key(request, body if payload is None or complaints else payload)
    values = {} if payload is None else read_members(fields, payload, complaints)
    draft = None if payload is None else await _drafted(values, complaints, prepare)

    async def judge_and_work(transaction: Transaction) -> bytes:
        if draft is None:
            raise Invalid(complaints)
        return json_bytes(await work(transaction, who, draft))

    lane = lane(values) if callable(lane) else lane
    return await once(request, who, key, judge_and_work, lane=lane, sealed=sealed)


async def _drafted(values: dict[str, Any], complaints: Complaints, prepare: Prepare | None) -> Draft:
    draft = Draft(values, complaints)
    return draft if prepare is None else Draft(values, complaints, await prepare(draft))


Find: TypeAlias = Callable[[Transaction, int], Awaitable[T | None]]
ChangeWork: TypeAlias = Callable[[Transaction, Admission, T, Draft], Awaitable[Any]]


async def change(
    request: Request,
    fields: Mapping[str, Field[Any]],
    find: Find[T],
    work: ChangeWork[T],
    *,
    read: MembersReader = read_members,
    prepare: Prepare | None = None,
    lane: str | None = None,
) -> Response:
    """A change of the record whose id is in the path: admitted, read, answered 200 with what `work` gives.

    `find` gives the record, held until the transaction ends. Without one it is a 404, whatever the body says. `work` is
    that of a create, with the record. A PUT reads all members, absent ones as null (`read_members`); a PATCH only those
    that were sent (`read_sent_members`).
    """
    body = await read_body(request)
    who = await admit(request, needs_write=True)
    record_id = path_id(request, "id")
    payload, complaints = decode_object(request, body)
    values = {} if payload is None else read(fields, payload, complaints)
    draft = None if payload is None else await _drafted(values, complaints, prepare)
    async with (
        in_lane(request, who.company_id, lane),
        services(request).database.transaction(who.company_id) as transaction,
    ):
        record = await find(transaction, record_id)
        if record is None:
            raise NotFound
        if draft is None:
            raise Invalid(complaints)
        answer = json_bytes(await work(transaction, who, record, draft))
    return json_response(answer)


Removal: TypeAlias = Callable[[Transaction, int, Admission], Awaitable[None]]


async def remove(request: Request, work: Removal, *, lane: str | None = None) -> Response:
    """The removal of the record whose id is in the path, answered 204; `work` raises NotFound where there is none."""
    who = await admit(request, needs_write=True)
    async with (
        in_lane(request, who.company_id, lane),
        services(request).database.transaction(who.company_id) as transaction,
    ):
        await work(transaction, path_id(request, "id"), who)
    return no_content()


BareWork: TypeAlias = Callable[[Transaction, Admission], Awaitable[Any]]


async def create_bare(request: Request, work: BareWork, *, lane: str | None = None) -> Response:
    """A keyed create whose path says it all; a body is not looked at."""
    who = await admit(request, needs_write=True)
    key = idempotency_key(request, b"")

    async def do_work(transaction: Transaction) -> bytes:
        return json_bytes(await work(transaction, who))

    return await once(request, who, key, do_work, lane=lane)
