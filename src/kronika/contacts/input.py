"""The rules of a client and of a supplier."""

from __future__ import annotations

from typing import Any

import msgspec

from kronika.contacts.models import NewContact
from kronika.input.fields import Field, choice, email, flag, integer, lookup, required, text
from kronika.lookups.countries import COUNTRY_CODES
from kronika.lookups.fixed import CURRENCY_IDS, DELIVERY_METHOD_IDS, LANGUAGE_IDS, PAYMENT_METHOD_IDS

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


def new_contact(values: dict[str, Any]) -> NewContact:
    """The contact that fault-free values describe: an id of a business makes it a company, a VAT id a VAT payer."""
    has_business_id = any(values[name] for name in ("subjectId", "taxId", "vatId"))
    inferred = {
        "type": values["type"] or ("company" if has_business_id else "person"),
        "isVatPayer": values["vatId"] is not None if values["isVatPayer"] is None else values["isVatPayer"],
    }
    return msgspec.convert(values | inferred, NewContact)
