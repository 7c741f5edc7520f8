"""What was found, as the API shows it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.contacts.models import Contact
from kronika.documents.models import Document, DocumentType
from kronika.events.models import EventType
from kronika.instants import local_iso8601
from kronika.search.models import Found, FoundEvent, ResultType, SearchQuery
from kronika.search.showing import FoundIn, Marker, Shown, type_of


class SearchResult(Struct, frozen=True, rename="camel"):
    """Something that a search found, as the API shows it."""

    type: ResultType
    id: int
    title: str
    snippet: str | None
    found_in: FoundIn | None
    document_type: DocumentType | None
    activity_type: EventType | None
    client_id: int | None
    supplier_id: int | None
    business_case_id: int | None
    created_at: str


def results_view(rows: Sequence[Found], query: SearchQuery, zone: ZoneInfo, language: str) -> list[SearchResult]:
    marker = Marker(query, language)
    return [_view(marker.show(row), zone) for row in rows]


def _view(shown: Shown, zone: ZoneInfo) -> SearchResult:
    row = shown.row
    client, supplier, case = _whose(row)
    return SearchResult(
        type=type_of(row),
        id=row.document_id if isinstance(row, Document) else row.id,
        title=shown.title.text,
        snippet=shown.line.text if shown.line else None,
        found_in=shown.found_in,
        document_type=row.type if isinstance(row, Document) else None,
        activity_type=row.type if isinstance(row, FoundEvent) else None,
        client_id=client,
        supplier_id=supplier,
        business_case_id=case,
        created_at=local_iso8601(row.created_at, zone),
    )


def _whose(row: Found) -> tuple[int | None, int | None, int | None]:
    """Ids of its client, supplier and business case."""
    match row:
        case Contact():
            return None, None, None
        case FoundEvent():
            ids = {row.target_kind: row.target_id}
            return ids.get("client"), ids.get("supplier"), ids.get("business_case")
        case _:
            case_id = row.business_case_id if isinstance(row, Document) else None
            is_client = row.contact_kind == "client"
            return row.contact_id if is_client else None, None if is_client else row.contact_id, case_id
