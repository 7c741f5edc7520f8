from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.documents import payment_queries
from kronika.documents.payment_input import LIST_FIELDS
from kronika.documents.payments import PaymentView, payment_view
from kronika.documents.queries import find_document
from kronika.errors import Complaints, Invalid, NotFound
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.lists import read_list_query
from kronika.http.requests import path_id
from kronika.http.responses import json_response
from kronika.http.services import services


class PaymentList(Struct, frozen=True):
    data: list[PaymentView]


async def list_payments(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, LIST_FIELDS)
    async with services(request).database.transaction(who.company_id) as transaction:
        document = await find_document(transaction, (values["documentType"], values["documentId"]))
        if document is None:
            complaints = Complaints()
            complaints.add("documentId", "unknown")
            raise Invalid(complaints)
        payments = await payment_queries.payments_of(transaction, document)
    return json_response(PaymentList([payment_view(payment, context(request).language) for payment in payments]))


async def show_payment(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        payment = await payment_queries.find_payment(transaction, path_id(request, "id"))
    if payment is None:
        raise NotFound
    return json_response(payment_view(payment, context(request).language))
