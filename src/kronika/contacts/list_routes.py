"""Lists of clients and of suppliers, whole or by the page, and the search over both."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from kronika.contacts import list_queries as queries
from kronika.contacts.input import CLIENT_LIST_FIELDS, SEARCH_FIELDS, SUPPLIER_LIST_FIELDS, contact_wish
from kronika.contacts.models import (
    ClientView,
    Contact,
    ContactKind,
    ContactView,
    ContactWish,
    SupplierView,
    contact_view,
    kind_view,
)
from kronika.db.statements import Transaction
from kronika.http.admission import Admission, admit
from kronika.http.context import context
from kronika.http.lists import is_paged, missing, paginator_of, read_list_query
from kronika.http.paging import PAGE_FIELDS, PageWish, Paginator, page_wish
from kronika.http.responses import json_response
from kronika.http.services import services
from kronika.http.whole import whole_list


class ClientList(Struct, frozen=True):
    data: list[ClientView]
    paginator: Paginator | UnsetType = UNSET


class SupplierList(Struct, frozen=True):
    data: list[SupplierView]
    paginator: Paginator | UnsetType = UNSET


class ContactList(Struct, frozen=True):
    data: list[ContactView]
    paginator: Paginator


async def list_clients(request: Request) -> Response:
    return await _list(request, "client", CLIENT_LIST_FIELDS)


async def list_suppliers(request: Request) -> Response:
    return await _list(request, "supplier", SUPPLIER_LIST_FIELDS)


async def search_contacts(request: Request) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, SEARCH_FIELDS | PAGE_FIELDS)
    language = context(request).language
    wish = contact_wish(values, None, language)
    if not wish.filter.words:
        # Punctuation alone: a search for nobody in particular, which here is none.
        raise missing("search")
    total, rows = await _page(request, who, wish, page_wish(values))
    data = [contact_view(row, language) for row in rows]
    pages = paginator_of(request, values, page_wish(values), total=total, shown=len(data))
    return json_response(ContactList(data, pages))


async def _list(request: Request, kind: ContactKind, fields: dict[str, Any]) -> Response:
    who = await admit(request, needs_write=False)
    values = read_list_query(request, fields | PAGE_FIELDS)
    language = context(request).language
    wish = contact_wish(values, kind, language)
    if not is_paged(values):
        async with services(request).database.long_read(who.company_id) as transaction:
            return await whole_list(who.company_id, _views(transaction, wish, who, language))
    total, rows = await _page(request, who, wish, page_wish(values))
    data = [kind_view(row, who.zone, language) for row in rows]
    pages = paginator_of(request, values, page_wish(values), total=total, shown=len(data))
    return json_response({"data": data, "paginator": pages})


async def _page(request: Request, who: Admission, wish: ContactWish, page: PageWish) -> tuple[int, list[Contact]]:
    """How many contacts the list has, and those of the page."""
    async with services(request).database.snapshot(who.company_id) as transaction:
        found = await queries.contacts_page(transaction, wish, page=page.page, per_page=page.per_page)
        return found.total, await queries.contacts_by_ids(transaction, found.ids)


async def _views(
    transaction: Transaction, wish: ContactWish, who: Admission, language: str
) -> AsyncGenerator[list[ClientView | SupplierView]]:
    async with aclosing(queries.stream_contacts(transaction, wish)) as pieces:
        async for rows in pieces:
            yield [kind_view(row, who.zone, language) for row in rows]
