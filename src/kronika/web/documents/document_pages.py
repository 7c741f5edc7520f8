"""A document: its facts, its payments, and its trail on the timelines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kronika.cases.queries import find_case
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.documents.models import PAYABLE_TYPES, Document, shown_rate
from kronika.documents.paths import path_key
from kronika.documents.payment_queries import find_payment
from kronika.documents.payments import Payment
from kronika.documents.queries import find_document, lock_document
from kronika.documents.told_payments import told_payments_of
from kronika.errors import NotFound
from kronika.events.across import read_trail
from kronika.feed.input import lane_of
from kronika.feed.payment_actions import add_payment, remove_payment
from kronika.feed.payment_input import PAYMENT_FIELDS, asked_payment
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.lookups.payment_methods import payment_methods
from kronika.web.choices import lookup_options
from kronika.web.forms import Form, judge_seen, trace
from kronika.web.once import do_once
from kronika.web.pages import is_for_script
from kronika.web.relations.margins import line_of
from kronika.web.rendering import go_to, render
from kronika.web.timeline import timeline_view
from kronika.web.timeline.timeline_pages import asked_place
from kronika.web.visitors import Member

_TRAIL_AT_A_TIME: Final = 40
_FIELDS: Final = {name: PAYMENT_FIELDS[name] for name in ("paymentDate", "paymentMethodId", "currencyId")}
_QUANTITIES: Final = {name: PAYMENT_FIELDS[name] for name in ("amount", "currencyRate")}
_DECIMAL_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)


class _Balance(Struct, frozen=True):
    """What a payment is made of: nobody pays unseen what somebody else has just recorded as paid."""

    total: Decimal | None
    paid: Decimal
    payments: int
    currency_id: int | None


class _Done(Struct, frozen=True):
    id: int


def path_of(who: Member, document: Document) -> str:
    """Where the document's page is."""
    return f"{who.company.path}/documents/{document.type}/{document.document_id}"


async def show_document(request: Request, who: Member, form: Form) -> Response:
    tools, key = services(request), path_key(request)
    # Before anything is read: what comes after it, the live stream tells.
    upto = await tools.horizon.reach(tools.database)
    before = asked_place(request, "before")
    async with tools.database.snapshot(who.company_id) as transaction:
        document = await find_document(transaction, key)
        if document is None:
            raise NotFound
        contact = await find_contact(transaction, document.contact_kind, document.contact_id)
        case_id = document.business_case_id
        case = await find_case(transaction, case_id) if case_id is not None else None
        payments = await told_payments_of(transaction, document)
        trail = await read_trail(transaction, document.id, before=before, limit=_TRAIL_AT_A_TIME)
    return render(
        request,
        who,
        "documents/document.html",
        form=form,
        line=line_of(document, who),
        document=document,
        here=path_of(who, document),
        contact=contact,
        case=case,
        rate=shown_rate(document.currency_rate) if document.currency_rate is not None else None,
        is_payable=document.type in PAYABLE_TYPES,
        payments=payments,
        methods=payment_methods(who.language),
        preferred_method=(contact and contact.preferred_payment_method_id) or 1,
        today=who.visit.now_is.astimezone(who.company.zone).date(),
        options=lookup_options(who.language),
        seen=trace(_balance(document)),
        trail=trail,
        events=trail.events,
        whose=trail.whose,
        highlighted=None,
        is_newest=before is None,
        upto=upto,
        of=timeline_view,
    )


async def do_record_payment(request: Request, who: Member, form: Form) -> Response:
    key = path_key(request)
    quantities = {name: _plain(form.text(name)) for name in _QUANTITIES}
    values = form.read(_FIELDS | _QUANTITIES, **quantities)

    async def work(transaction: Transaction) -> _Done:
        document = await lock_document(transaction, key)
        if document is None or document.type not in PAYABLE_TYPES:
            raise NotFound
        judge_seen(form, _balance(document))
        form.judge()
        payment = await add_payment(
            transaction, document, asked_payment(values), who.actor, zone=who.company.zone, complaints=form.complaints
        )
        return _Done(payment.id)

    form.judge()
    await do_once(request, who, form, _Done, work, lane=lane_of(key))
    return go_to(f"{who.company.path}/documents/{key[0]}/{key[1]}", done="payment_recorded")


async def show_payment_deletion(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        document, payment = await _find_payment(transaction, request)
    back = path_of(who, document)
    return render(
        request, who, "documents/payment_delete.html", line=line_of(document, who), payment=payment, back=back
    )


async def do_delete_payment(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        payment = (await _find_payment(transaction, request))[1]
        await remove_payment(transaction, payment.id, who.actor)
    if is_for_script(request):
        return JSONResponse({})
    here = f"{who.company.path}/documents/{payment.document_type}/{payment.document_id}"
    return go_to(here, done="payment_deleted")


async def _find_payment(transaction: Transaction, request: Request) -> tuple[Document, Payment]:
    """The living document in the path, and its payment in the path.

    Raises NotFound.
    """
    document = await find_document(transaction, path_key(request))
    payment = await find_payment(transaction, path_id(request, "payment"))
    if document is None or payment is None or payment.document != document.id:
        raise NotFound
    return document, payment


def _balance(document: Document) -> _Balance:
    return _Balance(document.total, document.paid, document.payments, document.currency_id)


def _plain(written: str) -> Any:
    """An amount as people write it, `1 234,50`, as the API would have it."""
    bare = "".join(written.split())
    if _DECIMAL_COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    return bare or None
