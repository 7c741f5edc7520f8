"""Statements of the search: what has the words, by functions of the database (see migration 0027), and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from msgspec import Struct, convert

from kronika.db.statements import Transaction
from kronika.lookups.naming import countries_named
from kronika.search.models import FoundEvent, ResultType, SearchQuery

Wanted: TypeAlias = ResultType | Literal["contact"]
"""A type of results, or contacts of both kinds."""

# One round trip for all that is wanted; what is not wanted is not looked for.
_FIND: Final = """
SELECT
    CASE WHEN 'contact' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM first_matching_contacts(NULL, %(words)s::text[], %(countries)s::text[], %(most)s::integer)
            WITH ORDINALITY AS found (id, place) ORDER BY place) ELSE '{}' END AS contact,
    CASE WHEN 'client' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM first_matching_contacts('client', %(words)s::text[], %(countries)s::text[], %(most)s::integer)
            WITH ORDINALITY AS found (id, place) ORDER BY place) ELSE '{}' END AS client,
    CASE WHEN 'supplier' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM first_matching_contacts('supplier', %(words)s::text[], %(countries)s::text[], %(most)s::integer)
            WITH ORDINALITY AS found (id, place) ORDER BY place) ELSE '{}' END AS supplier,
    CASE WHEN 'businessCase' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM first_matching_cases(%(words)s::text[], %(most)s::integer)
            WITH ORDINALITY AS found (id, place) ORDER BY place) ELSE '{}' END AS business_case,
    CASE WHEN 'document' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM first_matching_documents(%(words)s::text[], %(most)s::integer)
            WITH ORDINALITY AS found (id, place) ORDER BY place) ELSE '{}' END AS document,
    CASE WHEN 'contactActivityLog' = ANY (%(wanted)s::text[]) THEN ARRAY(
        SELECT id FROM matching_events(%(folded_words)s::text[], %(most)s::integer) AS found (id)
            ORDER BY id DESC) ELSE '{}' END AS event,
    clock() AS at
"""
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


class FoundIds(Struct, frozen=True):
    """Ids of what was found of each type, in its order, and when; `contact`: clients and suppliers together."""

    contact: list[int]
    client: list[int]
    supplier: list[int]
    business_case: list[int]
    document: list[int]
    event: list[int]
    at: datetime

    def of(self, wanted: Wanted) -> list[int]:
        match wanted:
            case "businessCase":
                return self.business_case
            case "contactActivityLog":
                return self.event
            case "contact":
                return self.contact
            case "client":
                return self.client
            case "supplier":
                return self.supplier
            case "document":
                return self.document


async def found_ids(
    transaction: Transaction, wanted: Sequence[Wanted], query: SearchQuery, language: str, *, most: int
) -> FoundIds:
    """The first that have every word: contacts by name, documents with just this number first, else the newest first. A
    country is looked for by its name in the language.
    """
    countries = [countries_named(word, language) for word in query.words]
    return await transaction.one(
        FoundIds,
        _FIND,
        wanted=[each for each in wanted if (query.folded_words if each == "contactActivityLog" else query.words)],
        words=query.words,
        countries=["{" + ",".join(map(str, ids)) + "}" for ids in countries],
        folded_words=query.folded_words,
        most=most,
    )


async def found_events(transaction: Transaction, ids: list[int]) -> list[FoundEvent]:
    """These events, in this order, with whose timeline each is on."""
    rows: list[dict[str, object]] = await transaction.all(dict, _EVENTS_BY_IDS, ids=ids)
    return convert(rows, list[FoundEvent])
