"""The routes of CRM events. Create and list are the hot ones: where requests are not counted they are one round trip,
and the statement that does the work also asks who it is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.attachments.actions import TOKENS_FIELD, judge_tokens
from kronika.attachments.links import Links
from kronika.changes.models import token_actor
from kronika.db.pool import LockWaitTimeout
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Forbidden, Invalid, KeyMalformed, KeyReused, NotFound, Problem, Unauthenticated
from kronika.events import actions, queries
from kronika.events.input import TARGETS, read_link, read_new_event, upload_tokens
from kronika.events.models import (
    RECORDABLE_TYPES,
    AskedEvent,
    DocumentLink,
    EventView,
    NewEvent,
    Shown,
    StoredEvent,
    event_view,
)
from kronika.http.admission import Admission, admit, bearer_hash, is_limited
from kronika.http.body import decode_object, read_body
from kronika.http.context import context
from kronika.http.idempotency import busy, find_stored, idempotency_key, once, original, repeated
from kronika.http.lists import paginator_of
from kronika.http.paging import PAGE_FIELDS, Paginator, page_wish
from kronika.http.query import read_query
from kronika.http.requests import path_id, remove
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.fields import Field, choice
from kronika.input.keys import Key
from kronika.input.normalise import Json
from kronika.input.targets import judge_one_target
from kronika.timelines.models import TARGET_FIELDS, Target, chosen_target
from kronika.timelines.queries import judge_targets_exist

# Any page beyond the last is empty; this one keeps the arithmetic of the database within its numbers.
_LAST_PAGE = 10**12

LIST_FIELDS: dict[str, Field[Any]] = {**TARGETS, "type": choice(*RECORDABLE_TYPES), **PAGE_FIELDS}


class EventList(Struct, frozen=True):
    data: list[EventView]
    paginator: Paginator


async def create_event(request: Request) -> Response:
    body = await read_body(request)
    who = await admit(request, needs_write=True) if is_limited(request) else None
    payload, complaints = decode_object(request, body)
    most_attachments = services(request).settings.max_attachments
    asked = None if payload is None else read_new_event(payload, complaints, most_attachments=most_attachments)
    try:
        key = idempotency_key(request, body if payload is None or asked is None else payload)
    except KeyMalformed:
        if who is None:
            await admit(request, needs_write=True)
        raise
    if asked is None:
        who = who or await admit(request, needs_write=True)
        raise await _refusal(request, who, payload or {}, complaints, key)
    said = asked.metadata
    if asked.upload_tokens or isinstance(said, DocumentLink):
        who = who or await admit(request, needs_write=True)
        return await _record_as_asked(request, who, asked, key)
    new = NewEvent(asked.target, said)
    if key is None:
        return await _record(request, new, None)
    async with services(request).turns.take((bearer_hash(request), key.value)):
        return await _record(request, new, key)


async def list_events(request: Request) -> Response:
    who = await admit(request, needs_write=False) if is_limited(request) else None
    complaints = Complaints()
    values = read_query(request, LIST_FIELDS, complaints)
    judge_one_target(values, TARGET_FIELDS, complaints)
    if complaints:
        who = who or await admit(request, needs_write=False)
        raise await _refusal(request, who, values, complaints)
    target = chosen_target(values)
    wish = page_wish(values)
    page = await queries.timeline_page(
        services(request).database,
        bearer_hash(request),
        target,
        values["type"],
        page=min(wish.page, _LAST_PAGE),
        per_page=wish.per_page,
    )
    context(request).company_id = page.company
    if page.time_zone is None:
        raise Unauthenticated
    if page.total is None or page.company is None:
        raise actions.unknown_target(target)
    to = _reader(request, page.company, ZoneInfo(page.time_zone))
    data = [event_view(row, target, to) for row in page.rows()]
    return json_response(EventList(data, paginator_of(request, values, wish, total=page.total, shown=len(data))))


async def show_event(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        event = await queries.find_event(transaction, path_id(request, "id"))
    if event is None:
        raise NotFound
    return _shown(request, event, who)


async def correct_event(request: Request) -> Response:
    body = await read_body(request)
    who = await admit(request, needs_write=True)
    payload, complaints = decode_object(request, body)
    async with services(request).database.transaction(who.company_id) as transaction:
        event = await actions.correct_event(
            transaction,
            path_id(request, "id"),
            payload,
            complaints,
            token_actor(who.token_id),
            links=_links(request),
            language=context(request).language,
            most_attachments=services(request).settings.max_attachments,
        )
    return _shown(request, event, who)


async def remove_event(request: Request) -> Response:
    async def work(transaction: Transaction, event_id: int, who: Admission) -> None:
        await actions.remove_event(transaction, event_id, token_actor(who.token_id))

    return await remove(request, work)


def _links(request: Request) -> Links:
    return Links(services(request).settings.base_url, services(request).hasher)


def _shown(request: Request, event: StoredEvent, who: Admission) -> Response:
    to = _reader(request, who.company_id, who.zone)
    return json_response(event_view(event, Target(event.kind, event.timeline_id), to))


def _reader(request: Request, company_id: int, zone: ZoneInfo) -> Shown:
    return Shown(company_id, zone, _links(request), context(request).language)


async def _record_as_asked(request: Request, who: Admission, asked: AskedEvent, key: Key | None) -> Response:
    """The slower way: some statements in one transaction, for an event that claims uploads or links a document."""

    async def work(transaction: Transaction) -> bytes:
        language = context(request).language
        return await actions.record_as_asked(transaction, bearer_hash(request), asked, _links(request), language)

    return await once(request, who, key, work)


async def _record(request: Request, new: NewEvent, key: Key | None) -> Response:
    try:
        recording = await queries.record_event(services(request).database, bearer_hash(request), new, key)
    except LockWaitTimeout as error:
        raise busy(error) from error
    context(request).company_id = recording.company
    match recording.outcome:
        case "recorded" if recording.answer is not None:
            return original(key, recording.answer)
        case "repeated" if key is not None and recording.answer is not None:
            return repeated(key, recording.answer)
        case "key_reused":
            raise KeyReused
        case "forbidden":
            raise Forbidden
        case "unauthenticated":
            raise Unauthenticated
        case _:
            raise actions.unknown_target(new.target)


async def _refusal(
    request: Request, who: Admission, payload: Mapping[str, Json], complaints: Complaints, key: Key | None = None
) -> Problem:
    """Why an input with complaints is refused: what its key was used for comes before what is wrong with it, and a
    target or an upload that does not exist is told together with the rest.
    """
    async with services(request).database.transaction(who.company_id) as transaction:
        if key is not None:
            await find_stored(transaction, key)
        await judge_targets_exist(transaction, payload, complaints)
        link = read_link(payload.get("type"), payload)
        if link is not None:
            await actions.judge_document(transaction, link, complaints)
        if payload.get("type") != "document_linked":
            # What is wrong with their shape has been told: here it only says which are left to look up.
            field = upload_tokens(services(request).settings.max_attachments)
            tokens = field.read(payload.get(TOKENS_FIELD), TOKENS_FIELD, Complaints())
            await judge_tokens(transaction, services(request).hasher, tokens or [], complaints)
    return Invalid(complaints)
