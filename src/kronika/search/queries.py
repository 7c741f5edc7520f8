"""Statements of the search: what has the words, by functions of the database (see migration 0027), and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, LiteralString

from msgspec import Struct, convert

from kronika.db.statements import Transaction
from kronika.lookups.naming import countries_named
from kronika.search.models import FoundEvent, ResultType, SearchQuery

_CONTACTS: Final = """
SELECT coalesce(array_agg(id ORDER BY place), '{}') AS ids FROM first_matching_contacts(
    %(kind)s::text::contact_kind, %(words)s::text[], %(countries)s::text[], %(most)s::integer)
    WITH ORDINALITY AS found (id, place)
"""
_CASES: Final = """
SELECT coalesce(array_agg(id ORDER BY place), '{}') AS ids
FROM first_matching_cases(%(words)s::text[], %(most)s::integer) WITH ORDINALITY AS found (id, place)
"""
_DOCUMENTS: Final = """
SELECT coalesce(array_agg(id ORDER BY place), '{}') AS ids
FROM first_matching_documents(%(words)s::text[], %(most)s::integer) WITH ORDINALITY AS found (id, place)
"""
_EVENTS: Final = """
SELECT coalesce(array_agg(id ORDER BY id DESC), '{}') AS ids
FROM matching_events(%(folded_words)s::text[], %(most)s::integer) AS found (id)
"""
_STATEMENTS: Final[Mapping[ResultType, LiteralString]] = {
    "client": _CONTACTS,
    "supplier": _CONTACTS,
    "businessCase": _CASES,
    "document": _DOCUMENTS,
    "contactActivityLog": _EVENTS,
}
# A look-up for each id (OFFSET 0 keeps it one), in the order of the ids.
_EVENTS_BY_IDS: Final = """
SELECT e.id, e.type::text AS type, e.content, e.email, e.person_name, e.phone_number, e.created_at,
    CASE WHEN e.attachments > 0 THEN ARRAY(
        SELECT a.name FROM attachments a WHERE a.company_id = %(company_id)s AND a.event_id = e.id ORDER BY a.id)
    ELSE '{}' END AS file_names,
    t.kind::text AS target_kind, t.id AS target_id, coalesce(c.name, b.name) AS subject
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (wanted_id, place)
CROSS JOIN LATERAL (SELECT * FROM events WHERE company_id = %(company_id)s AND id = wanted_id OFFSET 0) e
CROSS JOIN LATERAL (SELECT * FROM timelines WHERE company_id = %(company_id)s AND id = e.timeline_id OFFSET 0) t
LEFT JOIN LATERAL (SELECT name FROM contacts WHERE company_id = %(company_id)s AND id = t.id OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT name FROM business_cases WHERE company_id = %(company_id)s AND id = t.id OFFSET 0) b ON true
ORDER BY place
"""


class _Ids(Struct, frozen=True):
    ids: list[int]


async def found_ids(
    transaction: Transaction, result_type: ResultType, query: SearchQuery, language: str, *, most: int
) -> list[int]:
    """Ids of the first that have every word: contacts by name, documents with just this number first, else the newest
    first. A country is looked for by its name in the language.
    """
    if not (query.folded_words if result_type == "contactActivityLog" else query.words):
        return []
    return await _ids(transaction, _STATEMENTS[result_type], result_type, query, language, most=most)


async def found_contact_ids(transaction: Transaction, query: SearchQuery, language: str, *, most: int) -> list[int]:
    """The same of clients and suppliers together."""
    return await _ids(transaction, _CONTACTS, None, query, language, most=most) if query.words else []


async def _ids(
    transaction: Transaction,
    statement: LiteralString,
    kind: str | None,
    query: SearchQuery,
    language: str,
    *,
    most: int,
) -> list[int]:
    countries = [countries_named(word, language) for word in query.words]
    found = await transaction.one(
        _Ids,
        statement,
        kind=kind,
        words=query.words,
        countries=["{" + ",".join(map(str, ids)) + "}" for ids in countries],
        folded_words=query.folded_words,
        most=most,
    )
    return found.ids


async def found_events(transaction: Transaction, ids: list[int]) -> list[FoundEvent]:
    """These events, in this order, with whose timeline each is on."""
    rows: list[dict[str, object]] = await transaction.all(dict, _EVENTS_BY_IDS, ids=ids)
    return convert(rows, list[FoundEvent])
