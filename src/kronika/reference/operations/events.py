from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from kronika.documents.models import living
from kronika.events.input import TARGETS
from kronika.events.models import (
    DocumentCreated,
    DocumentDeleted,
    DocumentLinked,
    DocumentPaymentAdded,
    DocumentUpdated,
    Email,
    EventDocument,
    EventRow,
    EventType,
    EventView,
    Note,
    PhoneCall,
    event_view,
)
from kronika.events.routes import LIST_FIELDS, EventList
from kronika.http.paging import PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.reference.examples import as_sent
from kronika.reference.operation import Body, Chapter, Operation, Thing
from kronika.reference.operations.attachments import TO
from kronika.reference.operations.cases import EXAMPLE_ID as CASE_ID
from kronika.reference.operations.clients import EXAMPLE_ID as CLIENT_ID
from kronika.reference.operations.contacts import THEN
from kronika.reference.operations.documents import EXAMPLE as DOCUMENT
from kronika.reference.operations.event_input import TARGET_TEXTS, correction_schema, creation_schema
from kronika.reference.paging import PAGE_TEXTS
from kronika.timelines.models import TARGET_FIELDS, Target

_PATH = f"{API_PREFIX}/contact-activity-logs"
_EXAMPLE_ID = 551

_CREATIONS: dict[str, dict[str, Any]] = {
    "note": {
        "type": "note",
        "clientId": CLIENT_ID,
        "metadata": {"content": "Wants the offer split into two deliveries."},
    },
    "email": {
        "type": "email",
        "clientId": CLIENT_ID,
        "metadata": {"content": "Sent the revised offer.", "email": "objednavky@pekaren.example"},
    },
    "phoneCall": {
        "type": "phone_call",
        "businessCaseId": CASE_ID,
        "metadata": {
            "content": "They accept if the first delivery is in May.",
            "personName": "Jana Malá",
            "phoneNumber": "+421 900 000 000",
        },
    },
    "documentLinked": {
        "type": "document_linked",
        "clientId": CLIENT_ID,
        "metadata": {"documentType": DOCUMENT.type, "documentId": DOCUMENT.document_id},
    },
}
_CORRECTIONS: dict[str, dict[str, Any]] = {
    "note": {"metadata": {"content": "Wants the offer split into three deliveries."}},
}


def _shown(number: int, creation: dict[str, Any], metadata: dict[str, str], *, later: int = 0) -> dict[str, Any]:
    """The answer to such a request, made by what makes the real ones."""
    field = next(name for name in TARGET_FIELDS if name in creation)
    at = int(THEN.timestamp())
    links = creation["type"] == "document_linked"
    row = EventRow(
        id=number, type=creation["type"], content=metadata.get("content"), email=metadata.get("email"),
        person_name=metadata.get("personName"), phone_number=metadata.get("phoneNumber"),
        created=at, updated=at + later,
        document=EventDocument(DOCUMENT.id, None, None, None, living(DOCUMENT)) if links else None,
    )  # fmt: skip
    return as_sent(event_view(row, Target(TARGET_FIELDS[field], creation[field]), TO))


def _about_document(number: int, event_type: EventType, said: str | None, amount: Decimal | None) -> dict[str, Any]:
    """An event that Kronika wrote about the document of the examples."""
    at = int(THEN.timestamp())
    row = EventRow(
        id=number, type=event_type, content=None, email=None, person_name=None, phone_number=None, created=at,
        updated=at, document=EventDocument(DOCUMENT.id, said, amount, DOCUMENT.currency_id, living(DOCUMENT)),
    )  # fmt: skip
    return as_sent(event_view(row, Target("client", CLIENT_ID), TO))


_SHOWN = {
    name: _shown(_EXAMPLE_ID + n, creation, creation["metadata"])
    for n, (name, creation) in enumerate(_CREATIONS.items())
}
_WRITTEN = {
    "documentCreated": _about_document(_EXAMPLE_ID + 4, "document_created", DOCUMENT.number, DOCUMENT.total),
    "documentPaymentAdded": _about_document(_EXAMPLE_ID + 5, "document_payment_added", None, Decimal(50)),
}
_CORRECTED = {
    name: _shown(_EXAMPLE_ID, _CREATIONS[name], body["metadata"], later=90) for name, body in _CORRECTIONS.items()
}
_PAGE = {
    "data": [_SHOWN["email"], _SHOWN["note"]],
    "paginator": as_sent(
        paginator(
            PageWish(page=1, per_page=10), total=2, shown=2, address=f"https://kronika.example{_PATH}",
            filters={"clientId": str(CLIENT_ID)},
        )
    ),
}  # fmt: skip

_EVENT = Thing(
    EventView,
    "A CRM event: one entry of a timeline.",
    {
        "id": "Id, given by Kronika.",
        "type": "What kind of event it is. The last four are written by Kronika itself, and stay as they are.",
        "metadata": "What it says. Which of the shapes it has is told by `type`.",
        "attachments": "Files that belong to it.",
        "businessCaseId": "Business case it is about, else null.",
        "clientId": "Client it is about, else null.",
        "supplierId": "Supplier it is about, else null.",
        "createdAt": "When it was recorded.",
        "updatedAt": "When it last changed.",
    },
)
_CONTENT = "What there is to say."
_RELATED = "The document as it is now; null once it is gone."
_SNAPSHOTS = {
    "documentNumberSnapshot": "Its number as it was then.",
    "documentPriceSnapshot": "Its total as it was then; null where it named none.",
    "documentCurrencySnapshot": "Currency of that total.",
    "relatedDocument": _RELATED,
}
_THINGS = (
    Thing(EventList, "A page of events.", {"data": "The events, newest first.", "paginator": "Which page this is."}),
    _EVENT,
    Thing(Note, "`metadata` of a `note`.", {"content": _CONTENT}),
    Thing(Email, "`metadata` of an `email`.", {"content": _CONTENT, "email": "Address it went to or came from."}),
    Thing(
        PhoneCall,
        "`metadata` of a `phone_call`.",
        {"content": _CONTENT, "personName": "Who was on the line.", "phoneNumber": "Their number, as it was typed."},
    ),
    Thing(DocumentLinked, "`metadata` of a `document_linked`.", {"relatedDocument": _RELATED}),
    Thing(DocumentCreated, "`metadata` of a `document_created`, which Kronika writes.", _SNAPSHOTS),
    Thing(DocumentUpdated, "`metadata` of a `document_updated`, which Kronika writes.", _SNAPSHOTS),
    Thing(
        DocumentDeleted,
        "`metadata` of a `document_deleted`, which Kronika writes.",
        {"documentNumberSnapshot": "Its number as it was last.", "relatedDocument": "Null: it is gone."},
    ),
    Thing(
        DocumentPaymentAdded,
        "`metadata` of a `document_payment_added`, which Kronika writes.",
        {
            "paidAmount": "What was paid.",
            "documentCurrencySnapshot": "Currency of that amount.",
            "relatedDocument": _RELATED,
        },
    ),
)
_ID = {"id": "Id of the event."}

CHAPTER: Final = Chapter(
    tag="CRM events",
    text="What happened with a client, a supplier or a business case: the entries of its timeline. Clients of this API "
    "record notes, e-mails, phone calls and links to documents. When a document is created, changed, deleted or paid, "
    "Kronika writes an event by itself, which nobody can change or delete (403): what it says of the document's number "
    "and amount is what they were then. `relatedDocument` is always the document as it is now.",
    operations=(
        Operation(
            id="createContactActivityLog",
            method="post",
            path=_PATH,
            summary="Record an event",
            description="Puts a note, an e-mail, a phone call or a link to a document on one timeline. Exactly one of "
            "`businessCaseId`, `clientId` and `supplierId` says on which; an event on a business case does not show on "
            "the timeline of its client or supplier.\n\n"
            "`type` decides what `metadata` takes. A member of another type that is not null is refused. A "
            "`document_linked` names a document that Kronika knows, and takes no files.\n\n"
            "Files are uploaded first (`uploadContactActivityAttachments`); `attachmentUploadTokens` then makes them "
            "attachments of the event.",
            success="The event as it was recorded.",
            answer=EventView,
            answers=_SHOWN,
            status=201,
            body=Body("EventInput", creation_schema(), _CREATIONS),
            keyed=True,
        ),
        Operation(
            id="listContactActivityLogs",
            method="get",
            path=_PATH,
            summary="List the events of a timeline",
            description="One page of a timeline, newest first. Exactly one of `businessCaseId`, `clientId` and "
            "`supplierId` must be there.",
            success="A page of events.",
            answer=EventList,
            answers={"page": _PAGE},
            query=LIST_FIELDS,
            parameter_examples={"clientId": CLIENT_ID},
            query_texts={
                **{name: f"The timeline of this {TARGET_TEXTS[name]}." for name in TARGETS},
                "type": "Only events of this type.",
                **PAGE_TEXTS,
            },
        ),
        Operation(
            id="showContactActivityLog",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show an event",
            description="The event as it is now.",
            success="The event.",
            answer=EventView,
            answers=_SHOWN | _WRITTEN,
            path_texts=_ID,
            parameter_examples={"id": _EXAMPLE_ID},
        ),
        Operation(
            id="updateContactActivityLog",
            method="patch",
            path=f"{_PATH}/{{id}}",
            summary="Correct an event",
            description="Replaces what an event says: `metadata` is sent whole and judged by the type the event has. "
            "Type and timeline cannot be changed, nor can an event that Kronika wrote itself (403). "
            "`attachmentUploadTokens` adds attachments, `deletedAttachmentIds` removes some. A correction that changes "
            "nothing leaves `updatedAt` as it was.",
            success="The event as it is now.",
            answer=EventView,
            answers=_CORRECTED,
            body=Body("EventCorrection", correction_schema(), _CORRECTIONS),
            path_texts=_ID,
            parameter_examples={"id": _EXAMPLE_ID},
        ),
        Operation(
            id="deleteContactActivityLog",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete an event",
            description="Takes an event off its timeline; from then on it answers 404. An event that Kronika wrote "
            "itself cannot be deleted (403).",
            success="It is gone. There is no body.",
            status=204,
            path_texts=_ID,
            parameter_examples={"id": _EXAMPLE_ID},
        ),
    ),
    things=_THINGS,
)
