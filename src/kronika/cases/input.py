from __future__ import annotations

from typing import Any

from kronika.cases.models import Case, Changeable, NewCase
from kronika.contacts.models import ContactKind
from kronika.input.fields import LONGEST_LINE, Field, identifier, integer, required, text, unchangeable

_CHANGEABLE: dict[str, Field[Any]] = {
    "statusId": identifier(),
    "name": required(text(characters=LONGEST_LINE)),
    "description": text(),
}
CASE_FIELDS: dict[str, Field[Any]] = {"clientId": identifier(), "supplierId": identifier(), **_CHANGEABLE}
CHANGE_FIELDS: dict[str, Field[Any]] = {**_CHANGEABLE, "clientId": unchangeable(), "supplierId": unchangeable()}
PLACE_FIELDS: dict[str, Field[Any]] = {"statusId": identifier(), "position": integer(0)}
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
