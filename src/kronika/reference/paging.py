"""Pages of lists, in words."""

from __future__ import annotations

from kronika.http.paging import Link, Paginator
from kronika.reference.operation import Thing

PAGE_TEXTS = {
    "perPage": "Entries on a page; 10 without it.",
    "page": "Which page, counted from 1.",
}

PAGING_THINGS = (
    Thing(
        Paginator,
        "Where a page stands among the others.",
        {
            "currentPage": "The page this is.",
            "perPage": "Most entries on a page.",
            "totalPages": "How many pages there are; 1 when the list is empty.",
            "totalResults": "How many entries all pages have together.",
            "currentFrom": "Number of the first entry shown, counted from 1 over all pages; null on an empty page.",
            "currentTo": "Number of the last entry shown; null on an empty page.",
            "firstPageUrl": "Address of the first page.",
            "lastPageUrl": "Address of the last page.",
            "nextPageUrl": "Address of the next page, null on the last.",
            "previousPageUrl": "Address of the page before, null on the first.",
            "links": "What a pager shows: previous, page numbers, next.",
        },
    ),
    Thing(
        Link,
        "One place in a pager.",
        {
            "url": "Where it leads; null for a gap, and for a way that does not go on.",
            "label": "What it shows; may contain HTML character references.",
            "active": "Whether it is the page you are on.",
        },
    ),
)
