from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, cast

from msgspec import to_builtins
from msgspec.structs import replace

from kronika.cases.input import CASE_FIELDS, CHANGE_FIELDS, CONTACT_FIELDS, LIST_FIELDS, PLACE_FIELDS
from kronika.cases.list_routes import CaseList
from kronika.cases.models import Case, CaseView, case_view
from kronika.http.paging import PAGE_FIELDS, PageWish, paginator
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described, described_changes
from kronika.reference.operations.clients import EXAMPLE as CLIENT
from kronika.reference.operations.contacts import THEN, ZONE
from kronika.reference.operations.statuses import EXAMPLE as STATUS
from kronika.reference.paging import PAGE_TEXTS
from kronika.reference.targets import exactly_one_of

_PATH = f"{API_PREFIX}/business-cases"
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
_OFFER_SENT: dict[str, Any] = {
    "statusId": STATUS.id,
    "description": "They have our offer for daily deliveries from May.",
}
_FIRST: dict[str, Any] = {"statusId": STATUS.id, "position": 0}
_LATER = THEN + timedelta(seconds=90)
_IN_STATUS = replace(_CASE, status_id=STATUS.id, status_name=STATUS.name, status_color=STATUS.color, updated_at=_LATER)


def _shown(case: Case) -> dict[str, Any]:
    return cast(dict[str, Any], to_builtins(case_view(case, CLIENT, ZONE, "en")))


_SHOWN = {"offer": _shown(_CASE)}

_CREATE_TEXTS = {
    "clientId": "Client the case is about.",
    "supplierId": "Supplier the case is about.",
    "statusId": "Column of the board it stands in; none without it.",
    "name": "What the case is about.",
    "description": "More about it.",
}
_PAGE = {
    "data": [_SHOWN["offer"]],
    "paginator": to_builtins(
        paginator(
            PageWish(page=1, per_page=10), total=1, shown=1, address=f"https://kronika.example{_PATH}",
            filters={"clientId": str(CLIENT.id)},
        )
    ),
}  # fmt: skip
_CHANGE_TEXTS = {
    "statusId": "Column of the board it goes to; null takes it out of all columns.",
    "name": "What the case is about.",
    "description": "More about it; null takes it away.",
}
_PLACE_TEXTS = {
    "statusId": "Column it goes to; null is that of cases without a status. Without it, the case stays in its own.",
    "position": "Place in that column, counted from 0. Without it, and beyond the end, it is the last.",
}
_ID = {"id": "Id of the business case."}
_EXAMPLE = {"id": EXAMPLE_ID}
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
            id="listBusinessCases",
            method="get",
            path=_PATH,
            summary="List the business cases",
            description="One page of the cases that all the filters hold for, the newest first unless another order is "
            "asked for.",
            success="A page of cases.",
            answer=CaseList,
            answers={"page": _PAGE},
            query=LIST_FIELDS | PAGE_FIELDS,
            query_texts={
                "clientId": "Only the cases of this client.",
                "supplierId": "Only the cases of this supplier. Not together with `clientId`.",
                "statusId": "Only the cases in this column of the board; `null` is that of cases without a status.",
                "search": "Only those that have every one of these words in their name or description; case and "
                "diacritics do not matter. Anywhere in a word from three characters on, a shorter word by its "
                "beginning. What has no letter or digit is passed over.",
                "sortBy": "What they are sorted by; without it, in the order they were created in.",
                "sortDirection": "`desc` is the exact reverse of `asc`, and the order without it.",
                **PAGE_TEXTS,
            },
            parameter_examples={"clientId": CLIENT.id},
        ),
        Operation(
            id="createBusinessCase",
            method="post",
            path=_PATH,
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
            path=f"{_PATH}/{{id}}",
            summary="Show a business case",
            description="The case as it is now, with its client or supplier.",
            success="The case.",
            answer=CaseView,
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
        Operation(
            id="updateBusinessCase",
            method="patch",
            path=f"{_PATH}/{{id}}",
            summary="Change a business case",
            description="Changes what is sent and nothing else; null takes the description or the status away. In "
            "another column of the board the case stands last. Whom a case is about cannot be changed.",
            success="The case as it is now.",
            answer=CaseView,
            answers={"offerSent": _shown(replace(_IN_STATUS, description=_OFFER_SENT["description"]))},
            body=Body("CaseChange", described_changes(CHANGE_FIELDS, _CHANGE_TEXTS), {"offerSent": _OFFER_SENT}),
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
        Operation(
            id="deleteBusinessCase",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a business case",
            description="Takes the case and its timeline away; those behind it in its column move up.",
            success="It is gone.",
            status=204,
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
        Operation(
            id="moveBusinessCase",
            method="put",
            path=f"{_PATH}/{{id}}/position",
            summary="Move a business case",
            description="Puts a case at a place in a column of the board, in one step; the others make way. "
            "**An extension of Kronika**, which the Fintoro API does not have.",
            success="The case where it stands now.",
            answer=CaseView,
            answers={"first": _shown(_IN_STATUS)},
            body=Body("CasePlace", described_changes(PLACE_FIELDS, _PLACE_TEXTS), {"first": _FIRST}),
            path_texts=_ID,
            parameter_examples=_EXAMPLE,
        ),
    ),
    things=(
        Thing(CaseView, "A business case.", _SHOWN_TEXTS),
        Thing(CaseList, "A page of cases.", {"data": "The cases.", "paginator": "Which page this is."}),
    ),
)
