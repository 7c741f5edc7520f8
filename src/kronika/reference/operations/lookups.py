from __future__ import annotations

from typing import Any, Final, cast

from msgspec import to_builtins

from kronika.http.problems import API_PREFIX
from kronika.lookups import lists
from kronika.lookups.banks import Bank
from kronika.lookups.currencies import Currency
from kronika.lookups.delivery_methods import DeliveryMethod
from kronika.lookups.languages import Language
from kronika.lookups.payment_methods import PaymentMethod
from kronika.lookups.qr_types import QrType
from kronika.lookups.units import Unit
from kronika.reference.operation import Chapter, Operation, Thing
from kronika.reference.operations.contacts import COUNTRY

_MOST_SHOWN = 12

_ID = "Its id, the same for ever."
_NAME = "Its name in the selected language."
_NAMED = {"id": _ID, "name": _NAME}


def _operation(name: str, operation_id: str, what: str, description: str) -> Operation:
    listed = lists.LISTS[name]("en")
    entries = cast(dict[str, list[Any]], to_builtins(listed))["data"]
    more = f" The example shows the first {_MOST_SHOWN}." if len(entries) > _MOST_SHOWN else ""
    return Operation(
        id=operation_id,
        method="get",
        path=f"{API_PREFIX}/{name}",
        summary=f"List {what}",
        description=f"{description} All {len(entries)} at once, by id.{more}",
        success=f"All {what}.",
        answer=type(listed),
        answers={"english": {"data": entries[:_MOST_SHOWN]}},
    )


CHAPTER: Final = Chapter(
    tag="Lookups",
    text="The fixed tables that ids in requests and answers point to. They are the same for every company. An id is "
    "never given to something else, so a program may keep what it read here.",
    operations=(
        _operation("banks", "listBanks", "banks", "The banks that accounts are with. Their names are not translated."),
        _operation("countries", "listCountries", "countries", "The countries of ISO 3166-1."),
        _operation("languages", "listLanguages", "languages", "The languages that documents can be written in."),
        _operation("currencies", "listCurrencies", "currencies", "The currencies that documents can be in."),
        _operation("delivery-methods", "listDeliveryMethods", "delivery methods", "The ways goods go to a client."),
        _operation("payment-methods", "listPaymentMethods", "payment methods", "The ways a document is paid."),
        _operation("qr-types", "listQrTypes", "QR types", "The QR codes that a document can carry for its payer."),
        _operation("units", "listUnits", "units", "The units that items of a document are counted in."),
    ),
    things=(
        Thing(lists.BankList, "All banks.", {"data": "The banks, by id."}),
        Thing(lists.CountryList, "All countries.", {"data": "The countries, by id."}),
        Thing(lists.LanguageList, "All languages.", {"data": "The languages, by id."}),
        Thing(lists.CurrencyList, "All currencies.", {"data": "The currencies, by id."}),
        Thing(lists.DeliveryMethodList, "All delivery methods.", {"data": "The delivery methods, by id."}),
        Thing(lists.PaymentMethodList, "All payment methods.", {"data": "The payment methods, by id."}),
        Thing(lists.QrTypeList, "All QR types.", {"data": "The QR types, by id."}),
        Thing(lists.UnitList, "All units.", {"data": "The units, by id."}),
        Thing(
            Bank,
            "A bank.",
            {"id": _ID, "name": "Its name, the same in every language.", "swift": "Its BIC, also called SWIFT code."},
        ),
        COUNTRY,
        Thing(
            Language,
            "A language.",
            {**_NAMED, "code": "Its short code. Mostly that of ISO 639, but `ee`, `cz`, `rs`, `si` and `ua`."},
        ),
        Thing(
            Currency,
            "A currency.",
            {**_NAMED, "symbol": "Its three letters of ISO 4217.", "mark": "The sign that stands beside an amount."},
        ),
        Thing(DeliveryMethod, "A way goods go to a client.", _NAMED),
        Thing(PaymentMethod, "A way a document is paid.", _NAMED),
        Thing(QrType, "A kind of QR code, or none.", _NAMED),
        Thing(Unit, "A unit of what is sold.", _NAMED),
    ),
)
