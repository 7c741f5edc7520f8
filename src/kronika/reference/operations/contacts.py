"""What clients and suppliers have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import asdict

from kronika.contacts.input import new_contact
from kronika.contacts.models import Contact, ContactKind
from kronika.errors import Complaints
from kronika.input.fields import Field, read_members
from kronika.lookups.countries import Country
from kronika.reference.operation import Thing

ZONE: Final = ZoneInfo("Europe/Bratislava")
THEN: Final = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""When all examples happen."""

ADDRESS_TEXTS: Final = {
    "subjectId": "Number in the register of companies.",
    "taxId": "Tax number.",
    "vatId": "VAT number.",
    "email": "E-mail address, kept as it was typed.",
    "street": "Street and number.",
    "city": "Town.",
    "zip": "Postal code.",
}
CREATE_TEXTS: Final = {
    **ADDRESS_TEXTS,
    "name": "Name of the person or company.",
    "type": "Without it, `company` when there is a `subjectId`, `taxId` or `vatId`, else `person`.",
    "isVatPayer": "Whether it pays VAT. Without it, true when there is a `vatId`.",
    "countryId": "Country, by its ISO 3166-1 number; Panama is 590.",
}
SHOWN_TEXTS: Final = {
    **ADDRESS_TEXTS,
    "id": "Id, given by Kronika.",
    "name": "Name of the person or company.",
    "type": "Whether it is a person or a company.",
    "isVatPayer": "Whether it pays VAT.",
    "country": "Country of the address.",
}
SEARCH_TEXT: Final = (
    "Only those that have every one of these words in their name, town, postal code, or in the name of their country "
    "in the selected language; case and diacritics do not matter. Anywhere in a word from three characters on; a "
    "shorter word, and the name of a country, is found by its beginning. What has no letter or digit is passed over."
)
PIECEWISE_TEXTS: Final = {
    "perPage": "Entries on a page. **An extension of Kronika:** without `perPage` and `page` the list is whole, and "
    "has no `paginator`.",
    "page": "Which page, counted from 1; with it, 10 entries on a page unless `perPage` says otherwise. **An extension "
    "of Kronika.**",
}
LIST_TEXTS: Final = {
    "search": SEARCH_TEXT,
    "sortBy": "What they are sorted by; `name` without it. Letters with diacritics stand beside their base letters.",
    "sortDirection": "`desc` is the exact reverse of `asc`, which it is without it.",
    **PIECEWISE_TEXTS,
}
PAGINATOR_TEXT: Final = "Which page this is; there only where a page was asked for."
COUNTRY: Final = Thing(
    Country,
    "A country.",
    {
        "id": "Its ISO 3166-1 number; Panama is 590.",
        "name": "Its name in the selected language.",
        "code": "Its two letters of ISO 3166-1.",
        "eu": "Whether it is in the European Union.",
    },
)


def stored(kind: ContactKind, contact_id: int, fields: Mapping[str, Field[Any]], example: Mapping[str, Any]) -> Contact:
    """The contact that the example of a create makes, read by the rules of the application."""
    values = read_members(fields, example, Complaints())
    return Contact(**asdict(new_contact(values)), id=contact_id, kind=kind, created_at=THEN, updated_at=THEN)
