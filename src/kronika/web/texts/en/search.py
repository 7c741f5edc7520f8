"""The search: English."""

from __future__ import annotations

TEXTS: dict[str, str | dict[str, str]] = {
    "search.title": "Search",
    "search.everywhere": "Search everything",
    "search.do": "Search",
    "search.lead": "Contacts, cases, documents, and every word on your timelines. Case and diacritics do not matter, and the beginning of a word is enough.",
    "search.below": "Results are below. Choose one with the arrow keys.",
    "search.failed": "The server did not answer. Press Enter to try again.",
    "search.all": "All results for “{search}”",
    "search.everything": "All results",
    "search.group_contacts": "Contacts",
    "search.group_cases": "Cases",
    "search.group_documents": "Documents",
    "search.group_events": "Timelines",
    "search.more_contacts": "All contacts found",
    "search.more_cases": "All cases found",
    "search.more_documents": "All documents found",
    "search.more_events": "Everything found on timelines",
    "search.kind_client": "Client",
    "search.kind_supplier": "Supplier",
    "search.case": "Case",
    "search.most": {
        "one": "Only the first {n} is listed. One more word finds more exactly.",
        "other": "Only the first {n} are listed. One more word finds more exactly.",
    },
}
