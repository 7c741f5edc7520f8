from __future__ import annotations

from typing import Any

from kronika.cases.models import Case, CaseFilter, CaseOrder, CaseWish, Changeable, NewCase
from kronika.contacts.models import ContactKind
from kronika.folding import words_of
from kronika.input.fields import (
    LONGEST_LINE,
    NULL_WORD,
    Field,
    choice,
    identifier,
    integer,
    or_null_word,
    required,
    text,
    unchangeable,
)

_CHANGEABLE: dict[str, Field[Any]] = {
    "statusId": identifier(),
    "name": required(text(characters=LONGEST_LINE)),
    "description": text(),
}
CASE_FIELDS: dict[str, Field[Any]] = {"clientId": identifier(), "supplierId": identifier(), **_CHANGEABLE}
CHANGE_FIELDS: dict[str, Field[Any]] = {**_CHANGEABLE, "clientId": unchangeable(), "supplierId": unchangeable()}
PLACE_FIELDS: dict[str, Field[Any]] = {"statusId": identifier(), "position": integer(0)}
LIST_FIELDS: dict[str, Field[Any]] = {
    "clientId": identifier(),
    "supplierId": identifier(),
    "statusId": or_null_word(identifier()),
    "search": text(characters=LONGEST_LINE),
    "sortBy": choice("name", "createdAt", "updatedAt", "boardPosition"),
    "sortDirection": choice("asc", "desc"),
}
CONTACT_FIELDS: dict[str, ContactKind] = {"clientId": "client", "supplierId": "supplier"}


def new_case(values: dict[str, Any]) -> NewCase:
    """The case that fault-free values describe."""
    field = next(name for name in CONTACT_FIELDS if values[name] is not None)
    return NewCase(CONTACT_FIELDS[field], values[field], values["statusId"], values["name"], values["description"])


def changed_case(case: Case, values: dict[str, Any]) -> Changeable:
    """The case with those fault-free values that were sent."""
    return Changeable(
        values.get("name", case.name),
        values.get("description", case.description),
        values.get("statusId", case.status_id),
    )


def case_wish(values: dict[str, Any]) -> CaseWish:
    """The list that fault-free values ask for: the newest first unless they say otherwise."""
    field = next((name for name in CONTACT_FIELDS if values[name] is not None), None)
    return CaseWish(
        CaseFilter(
            words=words_of(values["search"] or ""),
            contact_kind=CONTACT_FIELDS[field] if field else None,
            contact_id=values[field] if field else None,
            status_id=0 if values["statusId"] == NULL_WORD else values["statusId"],
        ),
        CaseOrder(values["sortBy"] or "id", values["sortDirection"] != "asc"),
    )
