"""Where a result leads."""

from __future__ import annotations

from kronika.cases.models import Case
from kronika.contacts.models import Contact
from kronika.documents.models import Document
from kronika.search.models import Found


def address_of(company_path: str, row: Found) -> str:
    """The page of a contact, a case or a document; the place of an event on its timeline."""
    match row:
        case Contact():
            return f"{company_path}/{row.kind}s/{row.id}"
        case Case():
            return f"{company_path}/cases/{row.id}"
        case Document():
            return f"{company_path}/documents/{row.type}/{row.document_id}"
        case _:
            return f"{company_path}/events/{row.id}"
