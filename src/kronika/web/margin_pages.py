"""The page of a contact and of a business case, as long as there is nothing on it but the margin."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases.queries import find_case
from kronika.contacts.models import ContactKind
from kronika.contacts.queries import find_contact
from kronika.errors import NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.web.forms import Form
from kronika.web.margins import case_margin, contact_margin
from kronika.web.rendering import render
from kronika.web.visitors import Member


async def show_contact(kind: ContactKind, request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        contact = await find_contact(transaction, kind, path_id(request, "id"))
        if contact is None:
            raise NotFound
        margin = await contact_margin(transaction, who, contact)
    return render(request, who, "margin_page.html", name=contact.name, margin=margin, beside="margin_contact.html")


async def show_case(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        case = await find_case(transaction, path_id(request, "id"))
        if case is None:
            raise NotFound
        margin = await case_margin(transaction, who, case)
    return render(request, who, "margin_page.html", name=case.name, margin=margin, beside="margin_case.html")
