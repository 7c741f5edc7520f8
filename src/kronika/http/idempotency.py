"""Idempotency-Key: the same request sent twice does its work once and is answered twice with the same bytes.

Key row, work, change record and stored answer are one transaction. Nothing is stored of a request that fails, so a
client that corrects its payload may keep its key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.pool import LockWaitTimeout, Transaction
from kronika.errors import Invalid, KeyBusy, KeyMalformed, KeyReused
from kronika.http.admission import Admission
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.http.waiting import in_lane
from kronika.input.keys import Key
from kronika.input.normalise import Json, canonical
from kronika.sealing import SealBroken, Sealer

_KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

_STORED = "SELECT * FROM stored_answer(%(company_id)s, %(key)s, %(fingerprint)s, clock())"
_TAKE = "SELECT take_key(%(company_id)s, %(key)s, %(fingerprint)s, %(status)s::smallint, %(body)s, clock()) AS taken"


class StoredAnswer(Struct):
    same: bool
    status: int
    body: bytes


class _Taken(Struct):
    taken: bool


def idempotency_key(request: Request, payload: Mapping[str, Json] | bytes) -> Key | None:
    """The request's key with the fingerprint of its payload: normalised where it could be, raw where not.

    Raises KeyMalformed.
    """
    values = request.headers.getlist("idempotency-key")
    if not values or values == [""]:
        return None
    if len(values) > 1:
        raise KeyMalformed
    return key_for(request, values[0], payload)


def key_for(request: Request, value: str, payload: Mapping[str, Json] | bytes) -> Key:
    """This key, for what the request asks.

    Raises KeyMalformed.
    """
    if not _KEY_SHAPE.fullmatch(value):
        raise KeyMalformed
    body = payload if isinstance(payload, bytes) else canonical(payload)
    asked = f"{request.method} {request.scope['path']}\n".encode() + body
    return Key(value, hashlib.sha256(asked).digest())


class Answered(Struct, frozen=True):
    """What a keyed request was answered, now or the first time."""

    body: bytes
    status: int
    is_repeated: bool


async def once(
    request: Request,
    who: Admission,
    key: Key | None,
    work: Callable[[Transaction], Awaitable[bytes]],
    *,
    lane: str | None = None,
    sealed: bool = False,
) -> Response:
    """Answers 201 with what `work` gives, doing it once for the key.

    Raises as done_once does.
    """
    answered = await done_once(request, who.company_id, key, work, lane=lane, sealed=sealed)
    if key is not None and answered.is_repeated:
        return repeated(key, answered.body, status=answered.status)
    return original(key, answered.body)


async def done_once(
    request: Request,
    company_id: int,
    key: Key | None,
    work: Callable[[Transaction], Awaitable[bytes]],
    *,
    lane: str | None = None,
    sealed: bool = False,
) -> Answered:
    """What `work` gives, done once for the company's key.

    `lane`: see in_lane; who waits for the key is not in it yet. `sealed`: the answer holds a secret, and is stored so
    that a copy of the database does not tell it.

    Raises KeyReused, KeyBusy, and what `work` raises (then nothing is stored).
    """
    tools = services(request)
    if key is None:
        async with in_lane(request, company_id, lane), tools.database.transaction(company_id) as transaction:
            body = await work(transaction)
        return Answered(body, 201, is_repeated=False)
    form = _StoredForm(tools.sealer if sealed else None, f"answer {company_id} {key.value}")
    async with tools.turns.take((company_id, key.value)):
        try:
            while True:
                async with in_lane(request, company_id, lane), tools.database.transaction(company_id) as transaction:
                    if answered := await _repeat(transaction, key, form):
                        return answered
                    body = await work(transaction)
                    taken = await transaction.one(
                        _Taken, _TAKE, key=key.value, fingerprint=key.fingerprint, status=201, body=form.of(body)
                    )
                    if not taken.taken:
                        # A duplicate in another process was first: undo this work, give its answer.
                        await transaction.rollback()
                if taken.taken:
                    return Answered(body, 201, is_repeated=False)
        except Invalid:
            # What it needed may just have been used up by its original, in another process.
            async with tools.database.transaction(company_id) as transaction:
                if answered := await _repeat(transaction, key, form):
                    return answered
            raise
        except LockWaitTimeout as error:
            raise busy(error) from error


class _StoredForm(Struct, frozen=True):
    """How an answer is stored: as it is, or sealed for its company and key."""

    sealer: Sealer | None
    about: str

    def of(self, body: bytes) -> bytes:
        return body if self.sealer is None else self.sealer.seal(body, self.about)

    def read(self, stored: bytes) -> bytes:
        try:
            return stored if self.sealer is None else self.sealer.open(stored, self.about)
        except SealBroken:
            # Of before the installation got another secret key: nobody can repeat it, and it must not be done again.
            raise KeyReused from None


async def _repeat(transaction: Transaction, key: Key, form: _StoredForm) -> Answered | None:
    stored = await find_stored(transaction, key)
    return None if stored is None else Answered(form.read(stored.body), stored.status, is_repeated=True)


async def find_stored(transaction: Transaction, key: Key) -> StoredAnswer | None:
    """What the key was answered.

    Raises KeyReused: it was asked something else.
    """
    stored = await transaction.maybe(StoredAnswer, _STORED, key=key.value, fingerprint=key.fingerprint)
    if stored is not None and not stored.same:
        raise KeyReused
    return stored


def busy(error: LockWaitTimeout) -> Exception:
    """KeyBusy when the lock waited for was the key's, or of what its original is using up; else the error itself."""
    return KeyBusy() if any(table in error.context for table in ("idempotency_keys", "uploads")) else error


def original(key: Key | None, body: bytes) -> Response:
    return json_response(body, status=201, headers=_headers(key, "Original"))


def repeated(key: Key, body: bytes, *, status: int = 201) -> Response:
    return json_response(body, status=status, headers=_headers(key, "Repeated"))


def _headers(key: Key | None, status: str) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key.value, "Idempotency-Status": status}
