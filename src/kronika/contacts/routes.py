from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.contacts import actions, queries
from kronika.contacts.input import CLIENT_FIELDS, SUPPLIER_FIELDS, new_contact
from kronika.contacts.models import ClientView, ContactKind, SupplierView, kind_view
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.context import context
from kronika.http.requests import Draft, create, path_id
from kronika.http.responses import json_response
from kronika.http.services import services


async def create_client(request: Request) -> Response:
    return await _create(request, "client")


async def create_supplier(request: Request) -> Response:
    return await _create(request, "supplier")


async def show_client(request: Request) -> Response:
    return await _show(request, "client")


async def show_supplier(request: Request) -> Response:
    return await _show(request, "supplier")


async def _create(request: Request, kind: ContactKind) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> ClientView | SupplierView:
        contact = await actions.create_contact(
            transaction, kind, new_contact(draft.judged()), token_actor(who.token_id)
        )
        return kind_view(contact, who.zone, context(request).language)

    return await create(request, CLIENT_FIELDS if kind == "client" else SUPPLIER_FIELDS, work)


async def _show(request: Request, kind: ContactKind) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        contact = await queries.find_contact(transaction, kind, path_id(request, "id"))
    if contact is None:
        raise NotFound
    return json_response(kind_view(contact, who.zone, context(request).language))
