"""What the forms of events say, put as the API would have it: one set of rules for both."""

from __future__ import annotations

from typing import Final, cast

from starlette.requests import Request

from kronika.attachments.actions import TOKENS_FIELD
from kronika.attachments.links import Links
from kronika.db.statements import Transaction
from kronika.documents.list_queries import documents_by_number
from kronika.documents.models import Document
from kronika.errors import Complaints, Invalid
from kronika.events.input import LINKABLE_DOCUMENTS, METADATA_FIELDS, REMOVED_FIELD
from kronika.events.models import EventType
from kronika.folding import folded
from kronika.http.services import services
from kronika.input.normalise import Json, clean_text
from kronika.web.forms import Form

DOCUMENT_FIELD: Final = "document"
NUMBER_FIELD: Final = "number"
_MOST_FOUND: Final = 8
_LONGEST_NUMBER: Final = 255


def links_of(request: Request) -> Links:
    return Links(services(request).settings.base_url, services(request).hasher)


async def find_linkable(transaction: Transaction, number: str) -> list[Document]:
    """Documents that can be linked and whose number begins so."""
    wanted = clean_text(number.replace("\0", "")[:_LONGEST_NUMBER])
    if not wanted:
        return []
    return await documents_by_number(transaction, LINKABLE_DOCUMENTS, wanted, limit=_MOST_FOUND)


async def read_event(transaction: Transaction, form: Form, event_type: str) -> dict[str, Json]:
    """Type, metadata and files as a body of the API.

    Raises Invalid: which document is to be linked is not clear.
    """
    metadata: dict[str, Json]
    if event_type == "document_linked":
        metadata = await _linked(transaction, form)
    else:
        fields = METADATA_FIELDS.get(cast(EventType, event_type), {})
        metadata = {name: clean_text(form.text(name)) for name in fields}
    return {
        "type": event_type,
        "metadata": metadata,
        TOKENS_FIELD: [file.token for file in form.files] if event_type != "document_linked" else [],
    }


def removed_files(form: Form) -> dict[str, Json]:
    return {REMOVED_FIELD: list(form.all("remove"))}


async def _linked(transaction: Transaction, form: Form) -> dict[str, Json]:
    document_type, _, document_id = form.text(DOCUMENT_FIELD).rpartition("-")
    if document_type:
        return {"documentType": document_type, "documentId": document_id}
    number = form.text(NUMBER_FIELD)
    found = await find_linkable(transaction, number)
    exact = [each for each in found if folded(each.number) == folded(number.strip())]
    chosen = exact if len(exact) == 1 else found
    if len(chosen) == 1:
        return {"documentType": chosen[0].type, "documentId": chosen[0].document_id}
    complaints = Complaints()
    complaints.add(NUMBER_FIELD, "which_document" if found else "no_such_document" if number.strip() else "required")
    raise Invalid(complaints)


def judge_characters(form: Form) -> None:
    """Raises Invalid: a text holds what no database keeps."""
    for name in ("content", "email", "personName", "phoneNumber"):
        if "\0" in form.text(name):
            form.complaints.add(name, "characters")
    form.judge()


def by_fields(wrong: Invalid) -> Invalid:
    """The same complaints, by the fields of the form."""
    complaints = Complaints()
    for path, each in wrong.complaints.items():
        first, _, rest = path.partition(".")
        name = {"metadata": rest, TOKENS_FIELD: "files", REMOVED_FIELD: "files"}.get(first, first)
        name = NUMBER_FIELD if name in {"documentType", "documentId"} else name
        for complaint in each:
            complaints.add(name or "content", complaint.code, complaint.bound)
    return Invalid(complaints)
