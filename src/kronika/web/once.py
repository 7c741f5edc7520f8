"""A form does its work once, however often it is sent: by a second click, by a browser that tries again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from starlette.requests import Request

from kronika.db.statements import Transaction
from kronika.encoding import json_bytes
from kronika.errors import KeyMalformed, KeyReused
from kronika.http.idempotency import done_once, key_for
from kronika.input.keys import Key
from kronika.input.normalise import Json
from kronika.web.forms import ONCE_FIELD, Form
from kronika.web.visitors import Member

T = TypeVar("T")


async def do_once(
    request: Request,
    who: Member,
    form: Form,
    kind: type[T],
    work: Callable[[Transaction], Awaitable[T]],
    *,
    said: Mapping[str, Json] | None = None,
    lane: str | None = None,
    sealed: bool = False,
) -> T:
    """What `work` gives, done once for the form.

    `kind`: what that is, since it is stored as JSON. `said`: what the form asks, else its fields. `lane`, `sealed`: as
    for done_once.

    Raises Invalid: this form asked something else when it was done; KeyBusy; and what `work` raises.
    """

    async def do(transaction: Transaction) -> bytes:
        return json_bytes(await work(transaction))

    key = _key(request, who, form, form.said() if said is None else said)
    try:
        answered = await done_once(request, who.company_id, key, do, lane=lane, sealed=sealed)
    except KeyReused:
        form.complaints.add(ONCE_FIELD, "saved_before")
        form.judge()
        raise
    return msgspec.json.decode(answered.body, type=kind)


def _key(request: Request, who: Member, form: Form, said: Mapping[str, Json]) -> Key | None:
    """The form's own. Without one, what is sent twice is done twice."""
    value = form.text(ONCE_FIELD)
    try:
        return key_for(request, f"web-{who.user_id}-{value}", said) if value else None
    except KeyMalformed:
        return None
