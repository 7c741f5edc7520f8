from __future__ import annotations

from typing import Any, Final, cast

from msgspec import to_builtins

from kronika.events.input import TARGETS
from kronika.events.models import Email, EventRow, EventView, Note, PhoneCall, event_view
from kronika.events.routes import LIST_FIELDS, EventList
from kronika.http.paging import PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing
from kronika.reference.operations.attachments import TO
from kronika.reference.operations.cases import EXAMPLE_ID as CASE_ID
from kronika.reference.operations.clients import EXAMPLE_ID as CLIENT_ID
from kronika.reference.operations.contacts import THEN
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
}
_CORRECTIONS: dict[str, dict[str, Any]] = {
    "note": {"metadata": {"content": "Wants the offer split into three deliveries."}},
}


def _shown(number: int, creation: dict[str, Any], metadata: dict[str, str], *, later: int = 0) -> dict[str, Any]:
    """The answer to such a request, made by what makes the real ones."""
    field = next(name for name in TARGET_FIELDS if name in creation)
    at = int(THEN.timestamp())
    row = EventRow(
        id=number, type=creation["type"], content=metadata["content"], email=metadata.get("email"),
        person_name=metadata.get("personName"), phone_number=metadata.get("phoneNumber"),
        created=at, updated=at + later,
    )  # fmt: skip
    return cast(dict[str, Any], to_builtins(event_view(row, Target(TARGET_FIELDS[field], creation[field]), TO)))


_SHOWN = {
    name: _shown(_EXAMPLE_ID + n, creation, creation["metadata"])
    for n, (name, creation) in enumerate(_CREATIONS.items())
}
_CORRECTED = {
    name: _shown(_EXAMPLE_ID, _CREATIONS[name], body["metadata"], later=90) for name, body in _CORRECTIONS.items()
}
_PAGE = {
    "data": [_SHOWN["email"], _SHOWN["note"]],
    "paginator": to_builtins(
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
        "type": "What kind of event it is. The last four are written by Kronika itself.",
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
)
_ID = {"id": "Id of the event."}

CHAPTER: Final = Chapter(
    tag="CRM events",
    text="What happened with a client, a supplier or a business case: the entries of its timeline.",
    operations=(
        Operation(
            id="createContactActivityLog",
            method="post",
            path=_PATH,
            summary="Record an event",
            description="Puts a note, an e-mail, a phone call or a link to a document on one timeline. Exactly one of "
            "`businessCaseId`, `clientId` and `supplierId` says on which; an event on a business case does not show on "
            "the timeline of its client or supplier.\n\n"
            "`type` decides what `metadata` takes. A member of another type that is not null is refused.\n\n"
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
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples={"id": _EXAMPLE_ID},
        ),
        Operation(
            id="updateContactActivityLog",
            method="patch",
            path=f"{_PATH}/{{id}}",
            summary="Correct an event",
            description="Replaces what an event says: `metadata` is sent whole and judged by the type the event has. "
            "Type and timeline cannot be changed, nor can an event that Kronika wrote itself. "
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
            "itself cannot be deleted.",
            success="It is gone. There is no body.",
            status=204,
            path_texts=_ID,
            parameter_examples={"id": _EXAMPLE_ID},
        ),
    ),
    things=_THINGS,
)
