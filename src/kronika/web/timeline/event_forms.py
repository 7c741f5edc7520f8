"""What the forms of events say, put as the API would have it: one set of rules for both."""

from __future__ import annotations

from typing import Final, cast

from msgspec import Struct
from starlette.requests import Request

from kronika.attachments.actions import TOKENS_FIELD
from kronika.attachments.links import Links
from kronika.contacts.list_queries import contacts_by_ids
from kronika.db.statements import Transaction
from kronika.documents.list_queries import documents_by_ids, documents_by_number, documents_page
from kronika.documents.models import Document, DocumentFilter, DocumentOrder, DocumentWish
from kronika.errors import Complaints, Invalid
from kronika.events.input import LINKABLE_DOCUMENTS, METADATA_FIELDS, REMOVED_FIELD
from kronika.events.models import EventType
from kronika.events.stretches import Told
from kronika.folding import folded
from kronika.http.services import services
from kronika.input.normalise import Json, clean_text
from kronika.web.forms import Form, trace
from kronika.web.visitors import Member

DOCUMENT_FIELD: Final = "document"
NUMBER_FIELD: Final = "number"
_MOST_FOUND: Final = 8
_MOST_OWN: Final = 5
# Of the contact's newest, whatever they are: most kinds can be linked.
_LOOKED_AT: Final = 20
_LONGEST_NUMBER: Final = 255


class Linkable(Struct, frozen=True):
    """A document that can be linked; `whose`: the name of the contact, where that is another one."""

    document: Document
    whose: str | None


def links_of(request: Request) -> Links:
    return Links(services(request).settings.base_url, services(request).hasher)


async def find_linkable(transaction: Transaction, number: str) -> list[Document]:
    """Documents that can be linked and whose number begins so."""
    wanted = _number(number)
    return await documents_by_number(transaction, LINKABLE_DOCUMENTS, wanted, limit=_MOST_FOUND) if wanted else []


async def offer_linkable(transaction: Transaction, who: Member, number: str, contact_id: int | None) -> list[Linkable]:
    """Documents to choose one from: the contact's newest, of which the number begins so, and then those of others."""
    own = [] if contact_id is None else await _own(transaction, who, contact_id, _number(number))
    known = {document.id for document in own}
    others = [document for document in await find_linkable(transaction, number) if document.id not in known]
    contacts = await contacts_by_ids(transaction, list({document.contact_id for document in others}))
    names = {contact.id: contact.name for contact in contacts if contact.id != contact_id}
    found = [Linkable(document, names.get(document.contact_id)) for document in [*own, *others]]
    return found[:_MOST_FOUND]


def _number(written: str) -> str:
    return clean_text(written.replace("\0", "")[:_LONGEST_NUMBER]) or ""


async def _own(transaction: Transaction, who: Member, contact_id: int, number: str) -> list[Document]:
    wanted = DocumentFilter(contact_id=contact_id, number=number or None)
    wish = DocumentWish(wanted, DocumentOrder("issueDate", descending=True))
    now_is = who.visit.now_is
    found = await documents_page(transaction, wish, now_is.date(), page=1, per_page=_LOOKED_AT)
    documents = await documents_by_ids(transaction, found.ids, now_is)
    return [document for document in documents if document.type in LINKABLE_DOCUMENTS][:_MOST_OWN]


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


class Said(Struct, frozen=True):
    """What can be changed of an event: a form is made of it, and obsolete when it has changed."""

    texts: dict[str, str]
    document: str
    files: list[int]


def said_by(event: Told) -> Said:
    texts = {"content": event.content, "email": event.email, "personName": event.person_name}
    document = event.document
    return Said(
        texts={name: text or "" for name, text in {**texts, "phoneNumber": event.phone_number}.items()},
        document=f"{document.type}-{document.document_id}" if document else "",
        files=[file.id for file in event.files or ()],
    )


def is_said_already(event: Told, form: Form) -> bool:
    """Whether the event says all that the form asks: it was sent before, and the answer was lost."""
    now = said_by(event)
    asked = {name: clean_text(form.text(name)) for name in METADATA_FIELDS[event.type] if name in now.texts}
    names = [file.name for file in event.files or ()]
    return (
        form.text("seen") != trace(now)
        and event.type != "document_linked"
        and all(now.texts[name] == text for name, text in asked.items())
        and not set(form.all("remove")) & set(map(str, now.files))
        and all(file.name in names for file in form.files)
    )
