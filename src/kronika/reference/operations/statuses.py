from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.statuses.input import PLACE_FIELDS, STATUS_FIELDS
from kronika.statuses.models import StatusView
from kronika.statuses.routes import StatusList

_PATH = f"{API_PREFIX}/business-case-statuses"
EXAMPLE_ID: Final = 4
_NEGOTIATION: dict[str, Any] = {"name": "Negotiation", "color": "#22aa44"}
_WON: dict[str, Any] = {"name": "Won", "color": "#fc0"}
EXAMPLE: Final = StatusView(EXAMPLE_ID, **_NEGOTIATION)
_SHOWN = {"negotiation": to_builtins(EXAMPLE)}
_RENAMED: dict[str, Any] = {"name": "Offer sent", "color": "#22aa44"}
_FIRST: dict[str, Any] = {"position": 0}
_LIST = to_builtins(StatusList([EXAMPLE, StatusView(EXAMPLE_ID + 1, **_WON)]))

_TEXTS = {"name": "Its title.", "color": "Its colour in hex, `#22aa44` or `#2a4`, kept as it was sent."}
_PLACE_TEXTS = {
    "position": "Counted from 0 and from the left. Absent, null or beyond the end: the last column of the board."
}
_ID = {"id": "Id of the status."}
_SCHEMA = described(STATUS_FIELDS, _TEXTS)

CHAPTER: Final = Chapter(
    tag="Business case statuses",
    text="The columns of the board that business cases stand on, from left to right.",
    operations=(
        Operation(
            id="listBusinessCaseStatuses",
            method="get",
            path=_PATH,
            summary="List the statuses",
            description="All columns of the board, from left to right.",
            success="The statuses.",
            answer=StatusList,
            answers={"board": _LIST},
        ),
        Operation(
            id="createBusinessCaseStatus",
            method="post",
            path=_PATH,
            summary="Create a status",
            description="A new status is the last column of the board.",
            success="The status as it was created.",
            answer=StatusView,
            answers=_SHOWN,
            status=201,
            body=Body("StatusInput", _SCHEMA, {"negotiation": _NEGOTIATION}),
            keyed=True,
        ),
        Operation(
            id="showBusinessCaseStatus",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show a status",
            description="The status as it is now.",
            success="The status.",
            answer=StatusView,
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="updateBusinessCaseStatus",
            method="put",
            path=f"{_PATH}/{{id}}",
            summary="Change a status",
            description="Gives a status another name and colour; both are sent. Its place on the board stays. The same "
            "name and colour again are no change and are announced to nobody.",
            success="The status as it is now.",
            answer=StatusView,
            answers={"renamed": to_builtins(StatusView(EXAMPLE_ID, **_RENAMED))},
            body=Body("StatusInput", _SCHEMA, {"renamed": _RENAMED}),
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="deleteBusinessCaseStatus",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a status",
            description="Takes a column off the board. Its cases stay: they have no status then, and stand, in their "
            "order, behind the other cases without one.",
            success="It is gone.",
            status=204,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="moveBusinessCaseStatus",
            method="put",
            path=f"{_PATH}/{{id}}/position",
            summary="Move a status",
            description="Puts a column at a place on the board; the others make way. Where it stands there already, "
            "nothing is announced. **An extension of Kronika**, which the Fintoro API does not have.",
            success="The status.",
            answer=StatusView,
            answers={"first": to_builtins(EXAMPLE)},
            body=Body("StatusPlace", described(PLACE_FIELDS, _PLACE_TEXTS), {"first": _FIRST}),
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
    ),
    things=(
        Thing(StatusView, "A column of the board.", {"id": "Id, given by Kronika.", **_TEXTS}),
        Thing(StatusList, "The columns of the board.", {"data": "The statuses, from left to right."}),
    ),
)
