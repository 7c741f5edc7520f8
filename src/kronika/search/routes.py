"""The search over everything a company has."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.http.admission import admit
from kronika.http.context import context
from kronika.http.lists import paginator_of, read_list_query
from kronika.http.paging import PAGE_FIELDS, Paginator, page_wish
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.search.finding import rows_of
from kronika.search.input import SEARCH_FIELDS, read_query
from kronika.search.models import MOST_FOUND, RESULT_TYPES, Key, ResultType
from kronika.search.queries import found_ids
from kronika.search.results import SearchResult, results_view


class SearchResultList(Struct, frozen=True):
    data: list[SearchResult]
    paginator: Paginator


async def search(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, SEARCH_FIELDS | PAGE_FIELDS)
    query, language, wish = read_query(values["query"]), context(request).language, page_wish(values)
    types: Sequence[ResultType] = [values["type"]] if values["type"] else RESULT_TYPES
    first = (wish.page - 1) * wish.per_page
    async with services(request).database.snapshot(who.company_id) as transaction:
        ids = await found_ids(transaction, types, query, language, most=MOST_FOUND)
        found = [Key(each, number) for each in types for number in ids.of(each)]
        rows = await rows_of(transaction, found[first : first + wish.per_page], ids.at)
    data = results_view(rows, query, who.zone, language)
    pages = paginator_of(request, values, wish, total=len(found), shown=len(data))
    return json_response(SearchResultList(data, pages))
