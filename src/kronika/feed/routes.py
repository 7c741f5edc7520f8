"""One document at a time: what is said of it, and that it is gone."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.db.statements import Transaction
from kronika.documents.models import document_view
from kronika.documents.paths import path_key
from kronika.errors import Complaints, Invalid, NotFound
from kronika.feed import actions
from kronika.feed.input import lane_of, read_document
from kronika.http.admission import Admission, admit
from kronika.http.body import decode_object, read_body
from kronika.http.context import context
from kronika.http.idempotency import in_lane
from kronika.http.requests import remove
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.timelines.queries import judge_targets_exist


async def put_document(request: Request) -> Response:
    body = await read_body(request)
    who = await admit(request, needs_write=True)
    key = path_key(request)
    if not key[1]:
        raise NotFound
    payload, complaints = decode_object(request, body)
    said = None if payload is None else read_document(*key, payload, complaints)
    database = services(request).database
    if said is None:
        async with database.transaction(who.company_id) as transaction:
            await judge_targets_exist(transaction, payload or {}, complaints)
        raise Invalid(complaints)
    async with in_lane(request, who, lane_of(key)):
        (put,) = await actions.put_documents(database, who.company_id, [said], token_actor(who.token_id))
    if isinstance(put, Complaints):
        raise Invalid(put)
    status = HTTPStatus.CREATED if put.outcome == "created" else HTTPStatus.OK
    return json_response(document_view(put.document, who.zone, context(request).language), status=status)


async def remove_document(request: Request) -> Response:
    async def work(transaction: Transaction, _: int, who: Admission) -> None:
        await actions.remove_document(transaction, path_key(request), token_actor(who.token_id))

    return await remove(request, work)
