"""The rules of a client and of a supplier, and of the lists of them."""

from __future__ import annotations

from typing import Any

import msgspec

from kronika.contacts.models import ContactFilter, ContactKind, ContactOrder, ContactWish, NewContact
from kronika.folding import words_of
from kronika.input.fields import LONGEST_LINE, Field, choice, email, flag, integer, lookup, required, text
from kronika.lookups.countries import COUNTRY_CODES
from kronika.lookups.fixed import CURRENCY_IDS, DELIVERY_METHOD_IDS, LANGUAGE_IDS, PAYMENT_METHOD_IDS
from kronika.lookups.naming import countries_named

_LARGEST_SYMBOL = 9_999_999_999

SUPPLIER_FIELDS: dict[str, Field[Any]] = {
    "name": required(text(characters=255)),
    "type": choice("person", "company"),
    "subjectId": text(characters=40),
    "taxId": text(characters=40),
    "vatId": text(characters=40),
    "isVatPayer": flag(),
    "email": email(),
    "street": text(characters=255),
    "city": text(characters=255),
    "zip": text(characters=10),
    "countryId": lookup(COUNTRY_CODES),
}

CLIENT_FIELDS: dict[str, Field[Any]] = {
    **SUPPLIER_FIELDS,
    "deliveryStreet": text(characters=255),
    "deliveryCity": text(characters=255),
    "deliveryZip": text(characters=10),
    "deliveryCountryId": lookup(COUNTRY_CODES),
    "preferredDeliveryMethodId": lookup(DELIVERY_METHOD_IDS),
    "preferredPaymentMethodId": lookup(PAYMENT_METHOD_IDS),
    "preferredCurrencyId": lookup(CURRENCY_IDS),
    "preferredLanguageId": lookup(LANGUAGE_IDS),
    "preferredDueDays": integer(0, 365),
    "preferredNote": text(),
    "preferredVariableSymbol": integer(0, _LARGEST_SYMBOL),
    "preferredConstantSymbol": integer(0, 9999),
    "preferredSpecificSymbol": integer(0, _LARGEST_SYMBOL),
    "preferredTextAboveItems": text(characters=3000),
    "stripeCustomerId": text(characters=255),
    "systemeioContactId": integer(),
}
CONTACT_FIELDS: dict[ContactKind, dict[str, Field[Any]]] = {"client": CLIENT_FIELDS, "supplier": SUPPLIER_FIELDS}

_SEARCH = text(characters=LONGEST_LINE)
_DIRECTION = choice("asc", "desc")
SUPPLIER_LIST_FIELDS: dict[str, Field[Any]] = {
    "search": _SEARCH,
    "sortBy": choice("name", "city", "zip", "createdAt", "updatedAt"),
    "sortDirection": _DIRECTION,
}
CLIENT_LIST_FIELDS: dict[str, Field[Any]] = {
    "search": _SEARCH,
    "sortBy": choice("name", "city", "zip", "countryId", "createdAt", "updatedAt"),
    "sortDirection": _DIRECTION,
    "type": choice("person", "company"),
    "subjectId": text(characters=LONGEST_LINE),
    "taxId": text(characters=LONGEST_LINE),
    "vatId": text(characters=LONGEST_LINE),
    "countryId": lookup(COUNTRY_CODES),
}
SEARCH_FIELDS: dict[str, Field[Any]] = {"search": required(_SEARCH)}


def contact_wish(values: dict[str, Any], kind: ContactKind | None, language: str) -> ContactWish:
    """The list that fault-free values ask for; a country is searched by its name in this language."""
    words = words_of(values["search"] or "")
    return ContactWish(
        ContactFilter(
            kind=kind,
            words=words,
            countries=[countries_named(word, language) for word in words],
            type=values.get("type"),
            subject_id=values.get("subjectId"),
            tax_id=values.get("taxId"),
            vat_id=values.get("vatId"),
            country_id=values.get("countryId"),
        ),
        ContactOrder(values.get("sortBy") or "name", values.get("sortDirection") == "desc"),
    )


def new_contact(values: dict[str, Any]) -> NewContact:
    """The contact that fault-free values describe: an id of a business makes it a company, a VAT id a VAT payer."""
    has_business_id = any(values[name] for name in ("subjectId", "taxId", "vatId"))
    inferred = {
        "type": values["type"] or ("company" if has_business_id else "person"),
        "isVatPayer": values["vatId"] is not None if values["isVatPayer"] is None else values["isVatPayer"],
    }
    return msgspec.convert(values | inferred, NewContact)
