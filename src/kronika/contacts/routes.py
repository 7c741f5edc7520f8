from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.contacts import actions, queries
from kronika.contacts.input import CONTACT_FIELDS, new_contact
from kronika.contacts.models import ClientView, Contact, ContactKind, SupplierView, kind_view
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.context import context
from kronika.http.requests import Draft, change, create, path_id
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


async def replace_client(request: Request) -> Response:
    return await _replace(request, "client")


async def replace_supplier(request: Request) -> Response:
    return await _replace(request, "supplier")


async def _create(request: Request, kind: ContactKind) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> ClientView | SupplierView:
        new = new_contact(draft.judged())
        contact = await actions.create_contact(transaction, kind, new, token_actor(who.token_id))
        return kind_view(contact, who.zone, context(request).language)

    return await create(request, CONTACT_FIELDS[kind], work)


async def _replace(request: Request, kind: ContactKind) -> Response:
    async def find(transaction: Transaction, contact_id: int) -> Contact | None:
        return await queries.lock_contact(transaction, kind, contact_id)

    async def work(
        transaction: Transaction, who: Admission, contact: Contact, draft: Draft
    ) -> ClientView | SupplierView:
        new = new_contact(draft.judged())
        changed = await actions.replace_contact(transaction, contact, new, token_actor(who.token_id))
        return kind_view(changed, who.zone, context(request).language)

    return await change(request, CONTACT_FIELDS[kind], find, work)


async def _show(request: Request, kind: ContactKind) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        contact = await queries.find_contact(transaction, kind, path_id(request, "id"))
    if contact is None:
        raise NotFound
    return json_response(kind_view(contact, who.zone, context(request).language))
