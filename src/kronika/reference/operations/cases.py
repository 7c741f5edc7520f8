from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from kronika.cases.input import CASE_FIELDS, CONTACT_FIELDS
from kronika.cases.models import Case, CaseView, case_view
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import THEN, ZONE
from kronika.reference.targets import exactly_one_of

EXAMPLE_ID: Final = 31
_OFFER: dict[str, Any] = {
    "clientId": CLIENT.id,
    "name": "Bread for three shops",
    "description": "They want daily deliveries from May.",
}
_CASE = Case(
    id=EXAMPLE_ID, contact_kind="client", contact_id=CLIENT.id, status_id=None, status_name=None, status_color=None,
    board_position=0, name=_OFFER["name"], description=_OFFER["description"], created_at=THEN, updated_at=THEN,
)  # fmt: skip
_SHOWN = {"offer": to_builtins(case_view(_CASE, CLIENT, ZONE, "en"))}

_CREATE_TEXTS = {
    "clientId": "Client the case is about.",
    "supplierId": "Supplier the case is about.",
    "statusId": "Column of the board it stands in; none without it.",
    "name": "What the case is about.",
    "description": "More about it.",
}
_SHOWN_TEXTS = {
    "id": "Id, given by Kronika.",
    "contactType": "Whether the case is about a client or a supplier.",
    "contactId": "Id of that client or supplier.",
    "client": "The client, if it is one.",
    "supplier": "The supplier, if it is one.",
    "name": "What the case is about.",
    "description": "More about it.",
    "status": "Column of the board it stands in.",
    "boardPosition": "Place within the column, counted from 0.",
    "createdAt": "When it was created.",
    "updatedAt": "When it last changed.",
}

CHAPTER: Final = Chapter(
    tag="Business cases",
    text="A deal with one client or supplier, from the first word to the last. Each has a timeline of its own.",
    operations=(
        Operation(
            id="createBusinessCase",
            method="post",
            path=f"{API_PREFIX}/business-cases",
            summary="Create a business case",
            description="Exactly one of `clientId` and `supplierId` says whom it is about. A new case stands last in "
            "its column of the board.",
            success="The case as it was created.",
            answer=CaseView,
            answers=_SHOWN,
            status=201,
            body=Body(
                "CaseInput",
                described(CASE_FIELDS, _CREATE_TEXTS) | exactly_one_of(CONTACT_FIELDS),
                {"offer": _OFFER},
            ),
            keyed=True,
        ),
        Operation(
            id="showBusinessCase",
            method="get",
            path=f"{API_PREFIX}/business-cases/{{id}}",
            summary="Show a business case",
            description="The case as it is now, with its client or supplier.",
            success="The case.",
            answer=CaseView,
            answers=_SHOWN,
            path_texts={"id": "Id of the business case."},
            parameter_examples={"id": EXAMPLE_ID},
        ),
    ),
    things=(Thing(CaseView, "A business case.", _SHOWN_TEXTS),),
)
