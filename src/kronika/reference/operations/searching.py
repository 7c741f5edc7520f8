from __future__ import annotations

from typing import Final

from msgspec import to_builtins

from kronika.http.paging import PAGE_FIELDS, PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.instants import local_iso8601
from kronika.reference.operation import Chapter, Operation, Thing
from kronika.reference.operations.cases import EXAMPLE_ID as CASE_ID
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import THEN, ZONE
from kronika.reference.paging import PAGE_TEXTS
from kronika.search.input import LONGEST_QUERY, MOST_WORDS, SEARCH_FIELDS
from kronika.search.models import MOST_FOUND
from kronika.search.results import SearchResult
from kronika.search.routes import SearchResultList

_PATH = f"{API_PREFIX}/search"
_AT = local_iso8601(THEN, ZONE)
_FOUND = SearchResultList(
    [
        SearchResult(
            type="client", id=CLIENT.id, title=CLIENT.name, snippet="Žilina", found_in="city", document_type=None,
            activity_type=None, client_id=None, supplier_id=None, business_case_id=None, created_at=_AT,
        ),
        SearchResult(
            type="contactActivityLog", id=1203, title="Bread for the shops", snippet="Pán Žilinský",
            found_in="personName", document_type=None, activity_type="phone_call", client_id=None, supplier_id=None,
            business_case_id=CASE_ID, created_at=_AT,
        ),
    ],
    paginator(
        PageWish(page=1, per_page=10), total=2, shown=2, address=f"https://kronika.example{_PATH}",
        filters={"query": "zilin"},
    ),
)  # fmt: skip

CHAPTER: Final = Chapter(
    tag="Search",
    text="Everything a company has, by its words.",
    operations=(
        Operation(
            id="searchEverything",
            method="get",
            path=_PATH,
            summary="Search everything",
            description="One page of all that has every word of the query: clients, then suppliers, each by name; then "
            "business cases, documents and events, each the newest first, but a document of just this number above the "
            "others. What was written is found as soon as its answer is there.\n\n"
            "Case and diacritics do not matter. Clients and suppliers are found as in their lists; business cases by "
            "name and description, documents by number and name: anywhere in a word from three characters on, a "
            "shorter word by its beginning. Events are found by what people wrote in them and by the names of their "
            "files: by the beginnings of words, a single character as a word of its own; punctuation divides words. "
            "Events about documents have no words of their own; their document is found.\n\n"
            f"Of each type the first {MOST_FOUND} are listed and counted in `totalResults`. The text of an event is "
            "searched in its first 10,000 words, and a word in its first 40 characters. **An extension of Kronika**, "
            "which the Fintoro API does not have.",
            success="A page of results.",
            answer=SearchResultList,
            answers={"found": to_builtins(_FOUND)},
            query=SEARCH_FIELDS | PAGE_FIELDS,
            query_texts={
                "query": f"The words, in any order. What stands behind the first {LONGEST_QUERY} characters is passed "
                f"over; of more than {MOST_WORDS} words the longest are looked for. Punctuation alone finds nothing.",
                "type": "Only results of this type.",
                **PAGE_TEXTS,
            },
            parameter_examples={"query": "zilin"},
        ),
    ),
    things=(
        Thing(
            SearchResult,
            "Something that was found, with what is needed to open it.",
            {
                "type": "What it is.",
                "id": "Its id; of a document its `documentId`.",
                "title": "Its name; of a document its kind and number where it has no name; of an event, the name of "
                "the client, supplier or business case it belongs to.",
                "snippet": "A line of plain text around the first word that was found; null where the words are in the "
                "title.",
                "foundIn": "What the snippet is from, or what in the title was found; null where the words are found "
                "in none as it is written.",
                "documentType": "Of a document, its type; else null.",
                "activityType": "Of an event, its type; else null.",
                "clientId": "The client it belongs to, else null.",
                "supplierId": "The supplier it belongs to, else null.",
                "businessCaseId": "The business case it belongs to, else null.",
                "createdAt": "When it was recorded.",
            },
        ),
        Thing(SearchResultList, "A page of results.", {"data": "The results.", "paginator": "Which page this is."}),
    ),
)
