from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from kronika.contacts.input import CLIENT_FIELDS, CLIENT_LIST_FIELDS
from kronika.contacts.list_routes import ClientList
from kronika.contacts.models import ClientView, Contact, client_view
from kronika.http.paging import PAGE_FIELDS
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Body, Chapter, Operation, Thing, described
from kronika.reference.operations.contacts import (
    COUNTRY,
    CREATE_TEXTS,
    LIST_TEXTS,
    PAGINATOR_TEXT,
    SHOWN_TEXTS,
    ZONE,
    stored,
)

_DELIVERY_TEXTS = {
    "deliveryStreet": "Street and number that goods are sent to, where it is another address.",
    "deliveryCity": "Town that goods are sent to.",
    "deliveryZip": "Postal code that goods are sent to.",
}
_PREFERENCE_TEXTS = {
    "preferredDeliveryMethodId": "How goods usually go there: 1 not specified, 2 post, 3 courier, "
    "4 personal collection, 5 freight, 6 pick-up point.",
    "preferredPaymentMethodId": "How it usually pays: 1 bank transfer, 2 card, 3 PayPal, 4 on delivery, "
    "5 mutual deduction, 6 cash.",
    "preferredCurrencyId": "Currency of its documents, by lookup id: 1 is EUR, 2 USD, 5 CZK.",
    "preferredLanguageId": "Language of its documents, by lookup id: 1 is Slovak, 2 English, 3 German.",
    "preferredDueDays": "Days it has to pay a document.",
    "preferredNote": "Note for its documents.",
    "preferredVariableSymbol": "Variable symbol of its payments.",
    "preferredConstantSymbol": "Constant symbol of its payments.",
    "preferredSpecificSymbol": "Specific symbol of its payments.",
    "preferredTextAboveItems": "Text above the items of its documents.",
}
_CREATE_TEXTS = {
    **CREATE_TEXTS,
    **_DELIVERY_TEXTS,
    "deliveryCountryId": "Country that goods are sent to, by its ISO 3166-1 number.",
    **_PREFERENCE_TEXTS,
    "stripeCustomerId": "Id of the same customer at Stripe. Stored, not shown.",
    "systemeioContactId": "Id of the same contact at systeme.io. Stored, not shown.",
}
_SHOWN_TEXTS = {
    **SHOWN_TEXTS,
    **_DELIVERY_TEXTS,
    "hasDeliveryAddress": "Whether any part of a delivery address is there.",
    "deliveryCountry": "Country that goods are sent to.",
    "createdAt": "When it was created.",
    "updatedAt": "When it last changed.",
    **_PREFERENCE_TEXTS,
}

_COMPANY: dict[str, Any] = {
    "name": "Orechová Pekáreň s.r.o.",
    "subjectId": "50123456",
    "vatId": "SK2120123456",
    "email": "objednavky@pekaren.example",
    "street": "Mlynská 4",
    "city": "Žilina",
    "zip": "010 01",
    "countryId": 703,
    "preferredDueDays": 14,
}
_PERSON: dict[str, Any] = {"name": "Jana Malá"}
EXAMPLE_ID: Final = 12
EXAMPLE: Final[Contact] = stored("client", EXAMPLE_ID, CLIENT_FIELDS, _COMPANY)
_SHOWN = {
    "company": to_builtins(client_view(EXAMPLE, ZONE, "en")),
    "person": to_builtins(client_view(stored("client", 13, CLIENT_FIELDS, _PERSON), ZONE, "en")),
}
_PATH = f"{API_PREFIX}/clients"
_ID = {"id": "Id of the client."}
_INPUT = described(CLIENT_FIELDS, _CREATE_TEXTS)
_MOVED: dict[str, Any] = _COMPANY | {"street": "Nová 12", "city": "Martin", "zip": "036 01"}

CHAPTER: Final = Chapter(
    tag="Clients",
    text="People and companies you sell to. Each has a timeline of its own.",
    operations=(
        Operation(
            id="listClients",
            method="get",
            path=_PATH,
            summary="List the clients",
            description="All clients, or those that all the filters hold for: whole, or a page of them.",
            success="The clients.",
            answer=ClientList,
            answers={"all": {"data": list(_SHOWN.values())}},
            query=CLIENT_LIST_FIELDS | PAGE_FIELDS,
            query_texts={
                "type": "Only people, or only companies.",
                "subjectId": "Only those with this number in the register of companies.",
                "taxId": "Only those with this tax number.",
                "vatId": "Only those with this VAT number.",
                "countryId": "Only those in this country, by its ISO 3166-1 number; Panama is 590.",
                **LIST_TEXTS,
            },
        ),
        Operation(
            id="createClient",
            method="post",
            path=_PATH,
            summary="Create a client",
            description="A name is enough. What else is known of the client may be told at once.",
            success="The client as it was created.",
            answer=ClientView,
            answers=_SHOWN,
            status=201,
            body=Body("ClientInput", _INPUT, {"company": _COMPANY, "person": _PERSON}),
            keyed=True,
        ),
        Operation(
            id="showClient",
            method="get",
            path=f"{_PATH}/{{id}}",
            summary="Show a client",
            description="The client as it is now.",
            success="The client.",
            answer=ClientView,
            answers=_SHOWN,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="updateClient",
            method="put",
            path=f"{_PATH}/{{id}}",
            summary="Replace a client",
            description="Gives a client all it is to say: what is not sent is as in a create without it, and nothing "
            "of what was there before stays. The same again is no change and leaves `updatedAt` as it was.",
            success="The client as it is now.",
            answer=ClientView,
            answers={
                "moved": to_builtins(client_view(stored("client", EXAMPLE_ID, CLIENT_FIELDS, _MOVED), ZONE, "en"))
            },
            body=Body("ClientInput", _INPUT, {"moved": _MOVED}),
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
        Operation(
            id="deleteClient",
            method="delete",
            path=f"{_PATH}/{{id}}",
            summary="Delete a client",
            description="Takes the client away, with its business cases and the timelines of all of them. What "
            "happened stays in the database until it is erased on purpose, and is shown no more.",
            success="It is gone.",
            status=204,
            path_texts=_ID,
            parameter_examples={"id": EXAMPLE_ID},
        ),
    ),
    things=(
        Thing(ClientView, "A client.", _SHOWN_TEXTS),
        Thing(ClientList, "Clients.", {"data": "The clients, in the wished order.", "paginator": PAGINATOR_TEXT}),
        COUNTRY,
    ),
)
