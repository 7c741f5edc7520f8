"""The search over everything a company has."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.documents.list_queries import moment
from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.lists import paginator_of, read_list_query
from kronika.http.paging import PAGE_FIELDS, Paginator, page_wish
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.search.finding import find, rows_of
from kronika.search.input import SEARCH_FIELDS, read_query
from kronika.search.models import MOST_FOUND, RESULT_TYPES
from kronika.search.results import SearchResult, results_view


class SearchResultList(Struct, frozen=True):
    data: list[SearchResult]
    paginator: Paginator


async def search(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, SEARCH_FIELDS | PAGE_FIELDS)
    query, language, wish = read_query(values["query"]), context(request).language, page_wish(values)
    types = [values["type"]] if values["type"] else RESULT_TYPES
    first = (wish.page - 1) * wish.per_page
    async with services(request).database.snapshot(who.company_id) as transaction:
        found = await find(transaction, query, types, language, most=MOST_FOUND)
        rows = await rows_of(transaction, found[first : first + wish.per_page], await moment(transaction))
    data = results_view(rows, query, who.zone, language)
    pages = paginator_of(request, values, wish, total=len(found), shown=len(data))
    return json_response(SearchResultList(data, pages))
