"""Lists of contacts. A list that is not searched is read along the index of its order, and counted by the counters; a
search is answered by a function of the database (see matching_contacts in migration 0012).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Final, LiteralString

import msgspec

from kronika.contacts.models import Contact, ContactFilter, ContactSort, ContactWish
from kronika.contacts.queries import SHOWN
from kronika.db.listing import Matches, Total, ids_of_page, nearest_slice, ordered, places_of
from kronika.db.statements import Transaction

_ORDER: Final[Mapping[ContactSort, LiteralString]] = {
    "name": "sort_name",
    "city": "folded_city",
    "zip": 'zip COLLATE "C"',
    "countryId": "country_id",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
_FILTERS: Final[Mapping[str, LiteralString]] = {
    "kind": " AND kind_number = CASE %(kind)s WHEN 'client' THEN 1 ELSE 2 END",
    "type": " AND type = %(type)s",
    "subject_id": " AND subject_id = %(subject_id)s",
    "tax_id": " AND tax_id = %(tax_id)s",
    "vat_id": " AND vat_id = %(vat_id)s",
    "country_id": " AND country_id = %(country_id)s",
}
_COUNTER_FILTERS: Final[Mapping[str, LiteralString]] = {
    "kind": " AND kind = %(kind)s",
    "type": " AND type = %(type)s",
    "country_id": " AND country_id = %(country_id)s",
}
_LIVING: Final = " FROM contacts WHERE company_id = %(company_id)s AND deleted_at IS NULL"
_COUNT: Final = "SELECT coalesce(sum(n), 0)::bigint AS total FROM contact_counts WHERE company_id = %(company_id)s"
_MATCHING: Final = """
matching_contacts(%(kind)s, %(words)s, %(countries)s, %(type)s, %(subject_id)s, %(tax_id)s, %(vat_id)s,
                  %(country_id)s::integer, %(sort_by)s, %(descending)s) WITH ORDINALITY AS matching (found_id, place)
"""
_FOUND: Final[LiteralString] = (
    "SELECT count(*) AS total, coalesce((array_agg(found_id ORDER BY place))[%(first)s:%(last)s], '{}') AS ids FROM "
    + _MATCHING
)
# A look-up for each id (OFFSET 0 keeps it one), in the order of the ids.
_BY_IDS: Final[LiteralString] = (
    "SELECT "
    + SHOWN
    + """ FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (wanted_id, place)
    CROSS JOIN LATERAL (
        SELECT * FROM contacts WHERE company_id = %(company_id)s AND id = wanted_id OFFSET 0) contact
    ORDER BY place"""
)
_ALL_FOUND: Final[LiteralString] = (
    "SELECT "
    + SHOWN
    + " FROM "
    + _MATCHING
    + """ CROSS JOIN LATERAL (
        SELECT * FROM contacts WHERE company_id = %(company_id)s AND id = found_id OFFSET 0) contact
    ORDER BY place"""
)


async def contacts_page(transaction: Transaction, wish: ContactWish, *, page: int, per_page: int) -> Matches:
    """How many contacts the list has, and the ids of those on a page."""
    if wish.filter.words or wish.filter.kind is None:
        return await transaction.one(Matches, _FOUND, **_search(wish), **places_of(page=page, per_page=per_page))
    total = await _count(transaction, wish.filter)
    ids = await ids_of_page(
        transaction,
        _LIVING + _conditions(_named(wish.filter)),
        _ORDER[wish.order.by],
        descending=wish.order.descending,
        piece=nearest_slice(total, page=page, per_page=per_page),
        values=msgspec.structs.asdict(wish.filter),
    )
    return Matches(total, ids)


async def count_contacts(transaction: Transaction, wish: ContactWish) -> int:
    """How many contacts the list has, of one kind."""
    if wish.filter.words:
        return (await transaction.one(Matches, _FOUND, **_search(wish), first=1, last=0)).total
    return await _count(transaction, wish.filter)


async def contacts_by_ids(transaction: Transaction, ids: list[int]) -> list[Contact]:
    return await transaction.all(Contact, _BY_IDS, ids=ids)


def stream_contacts(transaction: Transaction, wish: ContactWish) -> AsyncGenerator[list[Contact]]:
    """The whole list, a handful of contacts at a time."""
    if wish.filter.words:
        return transaction.stream(Contact, _ALL_FOUND, **_search(wish))
    order = ordered(_ORDER[wish.order.by], descending=wish.order.descending)
    statement = "SELECT " + SHOWN + _LIVING + _conditions(_named(wish.filter)) + " ORDER BY " + order
    return transaction.stream(Contact, statement, **msgspec.structs.asdict(wish.filter))


async def _count(transaction: Transaction, wanted: ContactFilter) -> int:
    """Without looking at each unless the filter is one that only some have."""
    names = _named(wanted)
    if _COUNTER_FILTERS.keys() >= set(names):
        statement = _COUNT + "".join(_COUNTER_FILTERS[name] for name in names)
    else:
        statement = "SELECT count(*) AS total" + _LIVING + _conditions(names)
    return (await transaction.one(Total, statement, **msgspec.structs.asdict(wanted))).total


def _named(wanted: ContactFilter) -> list[str]:
    return [name for name in _FILTERS if getattr(wanted, name) is not None]


def _conditions(names: list[str]) -> LiteralString:
    return "".join(_FILTERS[name] for name in names)


def _search(wish: ContactWish) -> dict[str, object]:
    return {
        **msgspec.structs.asdict(wish.filter),
        "countries": ["{" + ",".join(map(str, ids)) + "}" for ids in wish.filter.countries],
        "sort_by": wish.order.by,
        "descending": wish.order.descending,
    }
