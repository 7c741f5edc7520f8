from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from kronika.changes.journal import Change, ChangeView, ResourceView, change_view
from kronika.changes.routes import JOURNAL_FIELDS, ChangeList
from kronika.changes.stream import MOST_OF_A_COMPANY, STREAM_FIELDS
from kronika.http.problems import API_PREFIX
from kronika.input.fields import integer
from kronika.reference.examples import as_sent
from kronika.reference.operation import Chapter, Operation, Thing
from kronika.reference.operations.clients import EXAMPLE_ID as CLIENT_ID
from kronika.reference.operations.contacts import THEN

_CURSOR: Final = 4711
EXAMPLE: Final = change_view(
    Change(_CURSOR, UUID("6f1c1b2e-8f0a-4c55-9d5e-3b7c0f4a1d22"), "clients.created", CLIENT_ID, THEN, 1, _CURSOR)
)
_LIST: Final[dict[str, Any]] = {"piece": as_sent(ChangeList([EXAMPLE], _CURSOR, more=False))}

CHAPTER: Final = Chapter(
    tag="Changes",
    text="Everything that happened to a company's records, in one order: to be read piece by piece, or as it happens.",
    operations=(
        Operation(
            id="listChanges",
            method="get",
            path=f"{API_PREFIX}/changes",
            summary="Read the journal",
            description="Changes in the one order in which all readers see them: nothing ever appears at or before a "
            "cursor that was given out, and the changes of one record are in their order. Begin without `after`, go on "
            "with the `next` of the last answer, at once while `more` is true. A change says what happened to what, "
            "and not what it looks like now.\n\n"
            "Changes are kept for 90 days. A cursor that is older than that is refused with a 422 on `after`, "
            "once changes behind it have gone: begin again without it. So is one beyond all that were ever given "
            "out.\n\n"
            "**An extension of Kronika**, which the Fintoro API does not have.",
            success="A piece of the journal.",
            answer=ChangeList,
            answers=_LIST,
            query=JOURNAL_FIELDS,
            query_texts={
                "after": "The `next` of the last answer. Without it, from the oldest change that is kept.",
                "limit": "At most so many changes; 100 when it is left out.",
                "type": "Only changes of this type. An answer may be empty then while `more` is true.",
            },
        ),
        Operation(
            id="streamChanges",
            method="get",
            path=f"{API_PREFIX}/stream",
            summary="Watch the journal",
            description="The journal as server-sent events (`text/event-stream`), each change as soon as it is final: "
            "`event` is its type, `data` the change as in `listChanges`, `id` its cursor. Without `after` and "
            "`Last-Event-ID` it begins now. A client that comes again with the last `id` as `Last-Event-ID` has missed "
            "nothing. A cursor beyond all that were ever given out is refused with a 422.\n\n"
            "A comment every 15 seconds tells that it is still there. It ends when the server stops; within a second "
            "or so of the next change, or else with the next comment, when its token has been revoked; and with an "
            "event `swept-away` when it asks for what is no longer kept. Each process of the server serves a company "
            f"{MOST_OF_A_COMPANY} streams at a time; beyond that it is a 503.\n\n"
            "The `EventSource` of browsers cannot send `Authorization`. Let a page ask your own backend, or a proxy of "
            "the same origin, that adds a token of scope `read`. A token never belongs into a page.\n\n"
            "**An extension of Kronika**, which the Fintoro API does not have.",
            success="The stream, which has no end of its own.",
            streams="text/event-stream",
            query=STREAM_FIELDS,
            query_texts={
                "after": "A cursor to go on from, when there is no `Last-Event-ID`.",
                "type": "Only changes of this type.",
            },
            headers={
                "Last-Event-ID": (integer(0), "The `id` of the last event that came: the stream goes on behind it.")
            },
        ),
    ),
    things=(
        Thing(
            ChangeList,
            "A piece of the journal.",
            {
                "data": "The changes, the oldest first.",
                "next": "The cursor to go on from.",
                "more": "Whether there is more behind it already.",
            },
        ),
        Thing(
            ChangeView,
            "That something happened to a record.",
            {
                "id": "Id of the change, by which whoever may hear of it twice can tell.",
                "type": "What happened: `clients.created`.",
                "occurredAt": "When, in UTC.",
                "resource": "What it happened to.",
            },
            {"id": {"format": "uuid"}},
        ),
        Thing(
            ResourceView,
            "The record that a change is about.",
            {"type": "Its kind: `contactActivityLog`.", "id": "Its id; of a document, the feeding system's number."},
        ),
    ),
)
