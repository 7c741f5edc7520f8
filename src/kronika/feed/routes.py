"""One document at a time: what is said of it, and that it is gone."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.documents.models import document_view
from kronika.documents.paths import path_key
from kronika.errors import Complaints, Invalid
from kronika.feed import actions
from kronika.feed.input import lane_of, read_document
from kronika.feed.naming import judge_named, named_in
from kronika.http.admission import admit
from kronika.http.body import decode_object, read_body
from kronika.http.context import context
from kronika.http.responses import json_response, no_content
from kronika.http.services import services
from kronika.http.waiting import in_lane


async def put_document(request: Request) -> Response:
    body = await read_body(request)
    who = await admit(request, needs_write=True)
    key = path_key(request)
    payload, complaints = decode_object(request, body)
    said = None if payload is None else read_document(*key, payload, complaints)
    database = services(request).database
    if said is None:
        async with database.transaction(who.company_id) as transaction:
            await judge_named(transaction, [(named_in(payload or {}), complaints)])
        raise Invalid(complaints)
    async with in_lane(request, who.company_id, lane_of(key)):
        (put,) = await actions.put_documents(database, who.company_id, [said], token_actor(who.token_id))
    if isinstance(put, Complaints):
        raise Invalid(put)
    status = HTTPStatus.CREATED if put.outcome == "created" else HTTPStatus.OK
    return json_response(document_view(put.document, who.zone, context(request).language), status=status)


async def remove_document(request: Request) -> Response:
    who = await admit(request, needs_write=True)
    key = path_key(request)
    async with (
        in_lane(request, who.company_id, lane_of(key)),
        services(request).database.transaction(who.company_id) as transaction,
    ):
        await actions.remove_document(transaction, key, token_actor(who.token_id))
    return no_content()
