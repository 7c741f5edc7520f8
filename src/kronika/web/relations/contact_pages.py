"""A client or a supplier: made, changed, deleted."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kronika.cases.actions import remove_contact
from kronika.cases.list_queries import count_cases
from kronika.cases.models import CaseFilter
from kronika.contacts import queries
from kronika.contacts.actions import create_contact, replace_contact
from kronika.contacts.input import CONTACT_FIELDS, new_contact
from kronika.contacts.models import Contact, ContactKind
from kronika.db.statements import Transaction
from kronika.documents.list_queries import count_documents_of
from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.web.choices import lookup_options
from kronika.web.forms import Form, judge_repeated, judge_seen, trace
from kronika.web.once import do_once
from kronika.web.relations.board import board_transaction
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member


def path_of(who: Member, kind: ContactKind, contact_id: int) -> str:
    """Where a contact's page is."""
    return f"{who.company.path}/{kind}s/{contact_id}"


async def show_new(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    return _show_form(request, who, form, kind, None)


async def do_create(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    values = form.read(CONTACT_FIELDS[kind])
    form.judge()

    async def work(transaction: Transaction) -> int:
        return (await create_contact(transaction, kind, new_contact(values), who.actor)).id

    contact_id = await do_once(request, who, form, int, work)
    return go_to(path_of(who, kind, contact_id), done="added")


async def show_change(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    return _show_form(request, who, form, kind, await _find(kind, request, who))


async def do_change(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    values = form.read(CONTACT_FIELDS[kind])
    async with services(request).database.transaction(who.company_id) as transaction:
        contact = await queries.lock_contact(transaction, kind, path_id(request, "id"))
        if contact is None:
            raise NotFound
        judge_seen(form, contact)
        form.judge()
        await replace_contact(transaction, contact, new_contact(values), who.actor)
    return go_to(path_of(who, kind, contact.id), done="saved")


async def show_deletion(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    contact = await _find(kind, request, who)
    async with services(request).database.snapshot(who.company_id) as transaction:
        of_contact = CaseFilter(words=[], contact_kind=kind, contact_id=contact.id, status_id=None)
        cases = await count_cases(transaction, of_contact)
        documents = await count_documents_of(transaction, contact.id)
    return render(
        request,
        who,
        "relations/contact_delete.html",
        form=form,
        contact=contact,
        cases=cases,
        documents=documents,
        here=path_of(who, kind, contact.id),
    )


async def do_delete(kind: ContactKind, request: Request, who: Member, form: Form) -> Response:
    contact = await _find(kind, request, who)
    judge_repeated(form, "name", contact.name)
    async with board_transaction(request, who) as transaction:
        await remove_contact(transaction, kind, contact.id, who.actor)
    return go_to(who.company.path + "/contacts", done="deleted")


async def _find(kind: ContactKind, request: Request, who: Member) -> Contact:
    async with services(request).database.transaction(who.company_id) as transaction:
        contact = await queries.find_contact(transaction, kind, path_id(request, "id"))
    if contact is None:
        raise NotFound
    return contact


def _show_form(request: Request, who: Member, form: Form, kind: ContactKind, contact: Contact | None) -> Response:
    now: dict[str, Any] = {}
    if contact:
        # By the names of the fields, which are those of the API.
        now = {**msgspec.to_builtins(contact), "isVatPayer": "1" if contact.is_vat_payer else "0"}
    back = path_of(who, kind, contact.id) if contact else f"{who.company.path}/contacts"
    if kind == "supplier" and contact is None:
        back += "?kind=supplier"
    return render(
        request,
        who,
        "relations/contact_form.html",
        form=form,
        kind=kind,
        contact=contact,
        now=now,
        seen=trace(contact) if contact else None,
        back=back,
        options=lookup_options(who.language),
    )
