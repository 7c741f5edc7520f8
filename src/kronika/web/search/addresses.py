"""Where a result leads."""

from __future__ import annotations

from kronika.cases.models import Case
from kronika.contacts.models import Contact
from kronika.documents.models import Document
from kronika.search.models import Found


def address_of(company_path: str, row: Found) -> str:
    """The page of a contact or a case; the place of an event on its timeline; of a document, what is told of documents
    on the timeline that it belongs to.
    """
    match row:
        case Contact():
            return f"{company_path}/{row.kind}s/{row.id}"
        case Case():
            return f"{company_path}/cases/{row.id}"
        case Document():
            whose = f"cases/{row.business_case_id}" if row.business_case_id else f"{row.contact_kind}s/{row.contact_id}"
            return f"{company_path}/{whose}?show=documents"
        case _:
            return f"{company_path}/events/{row.id}"
