from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases import actions, queries
from kronika.cases.input import CASE_FIELDS, CONTACT_FIELDS, new_case
from kronika.cases.models import CaseView, case_view
from kronika.changes.models import token_actor
from kronika.contacts.models import Contact
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import NotFound
from kronika.http.admission import Admission, admit
from kronika.http.context import context
from kronika.http.requests import Draft, create, path_id
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.targets import judge_one_target
from kronika.statuses.queries import find_status, lock_board


async def create_case(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> CaseView:
        # First, so that what is judged to be there stays there.
        await lock_board(transaction)
        contact = await _judge(transaction, draft)
        case = await actions.create_case(transaction, new_case(draft.judged()), token_actor(who.token_id))
        assert contact is not None
        return case_view(case, contact, who.zone, context(request).language)

    return await create(request, CASE_FIELDS, work)


async def show_case(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        case = await queries.find_case(transaction, path_id(request, "id"))
        contact = case and await find_contact(transaction, case.contact_kind, case.contact_id)
    if case is None or contact is None:
        raise NotFound
    return json_response(case_view(case, contact, who.zone, context(request).language))


async def _judge(transaction: Transaction, draft: Draft) -> Contact | None:
    """Complains about a contact or status that does not exist; the contact, if it does."""
    judge_one_target(draft.values, CONTACT_FIELDS, draft.complaints)
    contact: Contact | None = None
    for field, kind in CONTACT_FIELDS.items():
        if draft.values[field] is not None:
            contact = await find_contact(transaction, kind, draft.values[field])
            if contact is None:
                draft.complaints.add(field, "unknown")
    status_id = draft.values["statusId"]
    if status_id is not None and await find_status(transaction, status_id) is None:
        draft.complaints.add("statusId", "unknown")
    return contact
