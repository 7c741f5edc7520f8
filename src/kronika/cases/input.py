from __future__ import annotations

from typing import Any

from kronika.cases.models import NewCase
from kronika.contacts.models import ContactKind
from kronika.input.fields import Field, identifier, required, text

CASE_FIELDS: dict[str, Field[Any]] = {
    "clientId": identifier(),
    "supplierId": identifier(),
    "statusId": identifier(),
    "name": required(text(characters=255)),
    "description": text(),
}
CONTACT_FIELDS: dict[str, ContactKind] = {"clientId": "client", "supplierId": "supplier"}


def new_case(values: dict[str, Any]) -> NewCase:
    """The case that fault-free values describe."""
    field = next(name for name in CONTACT_FIELDS if values[name] is not None)
    return NewCase(CONTACT_FIELDS[field], values[field], values["statusId"], values["name"], values["description"])
