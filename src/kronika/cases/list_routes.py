"""The list of business cases."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.cases import list_queries as queries
from kronika.cases.input import CONTACT_FIELDS, LIST_FIELDS, case_wish
from kronika.cases.models import CaseView, case_view
from kronika.contacts.list_queries import contacts_by_ids
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Invalid
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.lists import paginator_of
from kronika.http.paging import PAGE_FIELDS, Paginator, page_wish
from kronika.http.query import read_query
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.fields import NULL_WORD
from kronika.input.targets import judge_at_most_one_target
from kronika.statuses.queries import find_status


class CaseList(Struct, frozen=True):
    data: list[CaseView]
    paginator: Paginator


async def list_cases(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    complaints = Complaints()
    values = read_query(request, LIST_FIELDS | PAGE_FIELDS, complaints)
    judge_at_most_one_target(values, CONTACT_FIELDS, complaints)
    page = page_wish(values) if not complaints else None
    async with services(request).database.snapshot(who.company_id) as transaction:
        await _judge(transaction, values, complaints)
        if complaints or page is None:
            raise Invalid(complaints)
        found = await queries.cases_page(transaction, case_wish(values), page=page.page, per_page=page.per_page)
        cases = await queries.cases_by_ids(transaction, found.ids)
        contact_ids = list({case.contact_id for case in cases})
        contacts = {contact.id: contact for contact in await contacts_by_ids(transaction, contact_ids)}
    data = [case_view(case, contacts[case.contact_id], who.zone, context(request).language) for case in cases]
    pages = paginator_of(request, values, page, total=found.total, shown=len(data))
    return json_response(CaseList(data, pages))


async def _judge(transaction: Transaction, values: dict[str, Any], complaints: Complaints) -> None:
    """Complains about a contact or a status that does not exist."""
    for field, kind in CONTACT_FIELDS.items():
        if values[field] is not None and await find_contact(transaction, kind, values[field]) is None:
            complaints.add(field, "unknown")
    status_id = values["statusId"]
    if status_id not in (None, NULL_WORD) and await find_status(transaction, status_id) is None:
        complaints.add("statusId", "unknown")
