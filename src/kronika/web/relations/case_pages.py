"""A business case: made for a contact, changed, deleted."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.cases import actions, queries
from kronika.cases.input import CASE_FIELDS, changed_case, new_case
from kronika.cases.models import Case, changeable
from kronika.contacts.input import contact_wish
from kronika.contacts.list_queries import contacts_by_ids, contacts_page
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import Complaints, NotFound
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.targets import judge_one_target
from kronika.statuses.models import BOARD
from kronika.statuses.queries import find_status, list_statuses
from kronika.web.forms import Form, judge_repeated, judge_seen, trace
from kronika.web.lists import PER_PAGE, Address, last_page, pages_of, wished_number, wished_text
from kronika.web.once import do_once
from kronika.web.relations.board import board_transaction
from kronika.web.relations.case_list_pages import CONTACT_NAMES, status_options, wished_contact
from kronika.web.rendering import go_to, render
from kronika.web.visitors import Member

_CHANGEABLE = {name: field for name, field in CASE_FIELDS.items() if name not in CONTACT_NAMES}


def path_of(who: Member, case_id: int) -> str:
    """Where a business case's page is."""
    return f"{who.company.path}/cases/{case_id}"


async def show_new(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        contact = await wished_contact(request, transaction, form)
        if contact is None:
            return await _show_whose(request, who, transaction, is_new=True)
        statuses = await list_statuses(transaction)
    return render(
        request,
        who,
        "relations/case_form.html",
        form=form,
        case=None,
        contact=contact,
        statuses=status_options(statuses),
    )


async def do_create(request: Request, who: Member, form: Form) -> Response:
    values = form.read(CASE_FIELDS)
    judge_one_target(values, CONTACT_NAMES, form.complaints)

    async def work(transaction: Transaction) -> int:
        for name, kind in CONTACT_NAMES.items():
            if values[name] is None or name in form.complaints:
                continue
            if await find_contact(transaction, kind, values[name]) is None:
                raise NotFound
        await _judge_status(transaction, values, form.complaints)
        form.judge()
        return (await actions.create_case(transaction, new_case(values), who.actor)).id

    case_id = await do_once(request, who, form, int, work, lane=BOARD)
    return go_to(path_of(who, case_id), done="added")


async def show_change(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        case = await _find(transaction, request)
        contact = await find_contact(transaction, case.contact_kind, case.contact_id)
        statuses = await list_statuses(transaction)
    return render(
        request,
        who,
        "relations/case_form.html",
        form=form,
        case=case,
        seen=trace(changeable(case)),
        contact=contact,
        statuses=status_options(statuses),
    )


async def do_change(request: Request, who: Member, form: Form) -> Response:
    values = form.read(_CHANGEABLE)
    async with board_transaction(request, who) as transaction:
        case = await actions.case_to_change(transaction, path_id(request, "id"))
        if case is None:
            raise NotFound
        judge_seen(form, changeable(case))
        await _judge_status(transaction, values, form.complaints)
        form.judge()
        await actions.change_case(transaction, case, changed_case(case, values), who.actor)
    return go_to(path_of(who, case.id), done="saved")


async def show_deletion(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.snapshot(who.company_id) as transaction:
        case = await _find(transaction, request)
    return render(request, who, "relations/case_delete.html", form=form, case=case)


async def do_delete(request: Request, who: Member, form: Form) -> Response:
    async with board_transaction(request, who) as transaction:
        case = await actions.case_to_change(transaction, path_id(request, "id"))
        if case is None:
            raise NotFound
        judge_repeated(form, "name", case.name)
        await actions.remove_case(transaction, case.id, who.actor)
    return go_to(who.company.path + "/cases", done="deleted")


async def show_whose(request: Request, who: Member, _: Form) -> Response:
    """With whom the cases of a list are to be."""
    async with services(request).database.snapshot(who.company_id) as transaction:
        return await _show_whose(request, who, transaction, is_new=False)


async def _show_whose(request: Request, who: Member, transaction: Transaction, *, is_new: bool) -> Response:
    """A case is somebody's: first comes whose."""
    search = wished_text(request, "search")
    values: dict[str, Any] = {"search": search}
    wish = contact_wish(values | {"sortBy": None, "sortDirection": None}, None, who.language)
    page, total, contacts = wished_number(request, "page") or 1, 0, []
    if wish.filter.words:
        found = await contacts_page(transaction, wish, page=page, per_page=PER_PAGE)
        if page > last_page(found.total):
            page = last_page(found.total)
            found = await contacts_page(transaction, wish, page=page, per_page=PER_PAGE)
        total, contacts = found.total, await contacts_by_ids(transaction, found.ids)
    return render(
        request,
        who,
        "relations/case_whose.html",
        search=search,
        is_new=is_new,
        is_searched=bool(wish.filter.words),
        contacts=contacts,
        pages=pages_of(page, total=total),
        address=Address(request.url.path, {"search": search}),
    )


async def _find(transaction: Transaction, request: Request) -> Case:
    case = await queries.find_case(transaction, path_id(request, "id"))
    if case is None:
        raise NotFound
    return case


async def _judge_status(transaction: Transaction, values: dict[str, Any], complaints: Complaints) -> None:
    status_id = values["statusId"]
    if status_id is not None and await find_status(transaction, status_id) is None:
        complaints.add("statusId", "unknown")
