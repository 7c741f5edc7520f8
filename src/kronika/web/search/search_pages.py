"""The search: as a page that works plainly, and as the list that hangs below the box of every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from kronika.db.statements import Transaction
from kronika.documents.labels import type_name
from kronika.http.services import services
from kronika.search.finding import rows_of
from kronika.search.input import read_query
from kronika.search.models import MOST_FOUND, Key, SearchQuery
from kronika.search.queries import FoundIds, Wanted, found_ids
from kronika.search.showing import Marker, Shown
from kronika.users.models import Language
from kronika.web.forms import Form
from kronika.web.lists import PER_PAGE, Address, Pages, last_page, pages_of, wished_choice, wished_number, wished_text
from kronika.web.pages import is_for_script
from kronika.web.rendering import render
from kronika.web.search.addresses import address_of
from kronika.web.visitors import Member

GroupName: TypeAlias = Literal["contacts", "cases", "documents", "events"]
GROUPS: Final[tuple[GroupName, ...]] = get_args(GroupName)
_WANTED: Final[Mapping[GroupName, Wanted]] = {
    "contacts": "contact",
    "cases": "businessCase",
    "documents": "document",
    "events": "contactActivityLog",
}
_BELOW_THE_BOX: Final = 4
_ON_THE_PAGE: Final = 8


class Group(Struct, frozen=True):
    """The first results of a kind; `total` counts no more than MOST_FOUND."""

    name: GroupName
    results: list[Shown]
    total: int


async def show_search(request: Request, who: Member, _: Form) -> Response:
    """Everything, a little of each group, or one group (`in=`) by the page. To a script, what fits below the box."""
    search = wished_text(request, "q")
    query = read_query(search)
    chosen = wished_choice(request, "in", "", *GROUPS)
    is_part = is_for_script(request)
    address = Address(who.company.path + "/search", {"q": search, "in": chosen})
    names: list[GroupName] = [each for each in GROUPS if chosen in {"", each}]
    async with services(request).database.snapshot(who.company_id) as transaction:
        if is_part:
            groups = await _groups(
                transaction, query, names, who.language, shown=_BELOW_THE_BOX, most=_BELOW_THE_BOX + 1
            )
            pages = None
        elif chosen:
            wanted = wished_number(request, "page") or 1
            groups, pages = await _page(transaction, query, names[0], who.language, wanted)
        else:
            groups = await _groups(transaction, query, names, who.language, shown=_ON_THE_PAGE, most=MOST_FOUND)
            pages = None
    return render(
        request,
        who,
        "search/found.html" if is_part else "search/search.html",
        search=search,
        groups=[group for group in groups if group.total],
        chosen=chosen,
        pages=pages,
        address=address,
        most=MOST_FOUND,
        address_of=address_of,
        type_name=type_name,
    )


async def _groups(
    transaction: Transaction,
    query: SearchQuery,
    names: Sequence[GroupName],
    language: Language,
    *,
    shown: int,
    most: int,
) -> list[Group]:
    """The first of each group, and how many there are."""
    ids = await found_ids(transaction, [_WANTED[name] for name in names], query, language, most=most)
    found = {name: _keys(ids, name) for name in names}
    keys = [key for name in names for key in found[name][:shown]]
    results = await _read(transaction, keys, query, language, ids.at)
    return [Group(name, [results[key] for key in found[name][:shown]], len(found[name])) for name in names]


async def _page(
    transaction: Transaction, query: SearchQuery, name: GroupName, language: Language, wanted: int
) -> tuple[list[Group], Pages]:
    """A page of one group."""
    ids = await found_ids(transaction, [_WANTED[name]], query, language, most=MOST_FOUND)
    found = _keys(ids, name)
    page = min(wanted, last_page(len(found)))
    keys = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    results = await _read(transaction, keys, query, language, ids.at)
    return [Group(name, list(results.values()), len(found))], pages_of(page, total=len(found))


def _keys(ids: FoundIds, name: GroupName) -> list[Key]:
    wanted = _WANTED[name]
    # Contacts of either kind: their rows say which.
    return [Key("client" if wanted == "contact" else wanted, found) for found in ids.of(wanted)]


async def _read(
    transaction: Transaction, keys: Sequence[Key], query: SearchQuery, language: Language, at: datetime
) -> dict[Key, Shown]:
    marker = Marker(query, language)
    rows = await rows_of(transaction, keys, at)
    return {key: marker.show(row) for key, row in zip(keys, rows, strict=True)}
