"""The routes of business cases, and the deletions that reach them: of a status, of a client, of a supplier."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases import actions, queries
from kronika.cases.input import CASE_FIELDS, CHANGE_FIELDS, CONTACT_FIELDS, PLACE_FIELDS, changed_case, new_case
from kronika.cases.models import Case, CaseView, case_view
from kronika.changes.models import token_actor
from kronika.contacts.models import Contact, ContactKind
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import Complaints, NotFound
from kronika.http.admission import Admission, admit
from kronika.http.context import context
from kronika.http.requests import Draft, change, create, path_id, remove
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.fields import read_sent_members
from kronika.input.targets import judge_one_target
from kronika.statuses.models import BOARD
from kronika.statuses.queries import find_status, lock_board


async def create_case(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> CaseView:
        # First, so that what is judged to be there stays there.
        await lock_board(transaction)
        contact = await _judge_contact(transaction, draft)
        await _judge_status(transaction, draft.values, draft.complaints)
        case = await actions.create_case(transaction, new_case(draft.judged()), token_actor(who.token_id))
        assert contact is not None
        return case_view(case, contact, who.zone, context(request).language)

    return await create(request, CASE_FIELDS, work, lane=BOARD)


async def show_case(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    async with services(request).database.transaction(who.company_id) as transaction:
        case = await queries.find_case(transaction, path_id(request, "id"))
        contact = case and await find_contact(transaction, case.contact_kind, case.contact_id)
    if case is None or contact is None:
        raise NotFound
    return json_response(case_view(case, contact, who.zone, context(request).language))


async def change_case(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, case: Case, draft: Draft) -> CaseView:
        await _judge_status(transaction, draft.values, draft.complaints)
        wanted = changed_case(case, draft.judged())
        changed = await actions.change_case(transaction, case, wanted, token_actor(who.token_id))
        return await _shown(request, transaction, who, changed)

    return await change(request, CHANGE_FIELDS, actions.case_to_change, work, read=read_sent_members, lane=BOARD)


async def move_case(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, case: Case, draft: Draft) -> CaseView:
        await _judge_status(transaction, draft.values, draft.complaints)
        values = draft.judged()
        to, wish = values.get("statusId", case.status_id), values.get("position")
        moved = await actions.move_case(transaction, case, to, wish, token_actor(who.token_id))
        return await _shown(request, transaction, who, moved)

    return await change(request, PLACE_FIELDS, actions.case_to_change, work, read=read_sent_members, lane=BOARD)


async def remove_case(request: Request) -> Response:
    async def work(transaction: Transaction, case_id: int, who: Admission) -> None:
        await actions.remove_case(transaction, case_id, token_actor(who.token_id))

    return await remove(request, work, lane=BOARD)


async def remove_status(request: Request) -> Response:
    async def work(transaction: Transaction, status_id: int, who: Admission) -> None:
        await actions.remove_status(transaction, status_id, token_actor(who.token_id))

    return await remove(request, work, lane=BOARD)


async def remove_client(request: Request) -> Response:
    return await _remove_contact(request, "client")


async def remove_supplier(request: Request) -> Response:
    return await _remove_contact(request, "supplier")


async def _remove_contact(request: Request, kind: ContactKind) -> Response:
    async def work(transaction: Transaction, contact_id: int, who: Admission) -> None:
        await actions.remove_contact(transaction, kind, contact_id, token_actor(who.token_id))

    return await remove(request, work, lane=BOARD)


async def _judge_contact(transaction: Transaction, draft: Draft) -> Contact | None:
    """Complains about a contact that does not exist; the contact, if it does."""
    judge_one_target(draft.values, CONTACT_FIELDS, draft.complaints)
    contact: Contact | None = None
    for field, kind in CONTACT_FIELDS.items():
        if draft.values[field] is not None:
            contact = await find_contact(transaction, kind, draft.values[field])
            if contact is None:
                draft.complaints.add(field, "unknown")
    return contact


async def _judge_status(transaction: Transaction, values: dict[str, Any], complaints: Complaints) -> None:
    status_id = values.get("statusId")
    if status_id is not None and await find_status(transaction, status_id) is None:
        complaints.add("statusId", "unknown")


async def _shown(request: Request, transaction: Transaction, who: Admission, case: Case) -> CaseView:
    contact = await find_contact(transaction, case.contact_kind, case.contact_id)
    assert contact is not None
    return case_view(case, contact, who.zone, context(request).language)
