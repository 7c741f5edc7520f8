"""The list of documents."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.documents import list_queries as queries
from kronika.documents.input import CONTACT_FIELDS, LIST_FIELDS, document_wish
from kronika.documents.models import DocumentView, document_view
from kronika.errors import Complaints, Invalid
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.lists import paginator_of
from kronika.http.paging import PAGE_FIELDS, Paginator, page_wish
from kronika.http.query import read_query
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.input.targets import judge_at_most_one_target
from kronika.timelines.queries import judge_targets_exist


class DocumentList(Struct, frozen=True):
    data: list[DocumentView]
    paginator: Paginator


async def list_documents(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    complaints = Complaints()
    values = read_query(request, LIST_FIELDS | PAGE_FIELDS, complaints)
    judge_at_most_one_target(values, CONTACT_FIELDS, complaints)
    page = page_wish(values) if not complaints else None
    async with services(request).database.snapshot(who.company_id) as transaction:
        await judge_targets_exist(transaction, values, complaints)
        if complaints or page is None:
            raise Invalid(complaints)
        # One moment for all: what is overdue by the filter is shown as overdue.
        at = await queries.moment(transaction)
        today = at.astimezone(who.zone).date()
        found = await queries.documents_page(
            transaction, document_wish(values), today, page=page.page, per_page=page.per_page
        )
        documents = await queries.documents_by_ids(transaction, found.ids, at)
    data = [document_view(document, who.zone, context(request).language) for document in documents]
    pages = paginator_of(request, values, page, total=found.total, shown=len(data))
    return json_response(DocumentList(data, pages))
