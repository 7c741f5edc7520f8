"""The lookups as they are answered: whole, by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from msgspec import Struct

from kronika.encoding import json_bytes
from kronika.lookups.banks import BANKS, Bank
from kronika.lookups.countries import Country, countries
from kronika.lookups.currencies import Currency, currencies
from kronika.lookups.delivery_methods import DeliveryMethod, delivery_methods
from kronika.lookups.languages import Language, languages
from kronika.lookups.payment_methods import PaymentMethod, payment_methods
from kronika.lookups.qr_types import QrType, qr_types
from kronika.lookups.units import Unit, units


class BankList(Struct, frozen=True):
    data: list[Bank]


class CountryList(Struct, frozen=True):
    data: list[Country]


class LanguageList(Struct, frozen=True):
    data: list[Language]


class CurrencyList(Struct, frozen=True):
    data: list[Currency]


class DeliveryMethodList(Struct, frozen=True):
    data: list[DeliveryMethod]


class PaymentMethodList(Struct, frozen=True):
    data: list[PaymentMethod]


class QrTypeList(Struct, frozen=True):
    data: list[QrType]


class UnitList(Struct, frozen=True):
    data: list[Unit]


LISTS: Mapping[str, Callable[[str], Struct]] = {
    "banks": lambda _: BankList([*BANKS.values()]),
    "countries": lambda language: CountryList([*countries(language).values()]),
    "languages": lambda language: LanguageList([*languages(language).values()]),
    "currencies": lambda language: CurrencyList([*currencies(language).values()]),
    "delivery-methods": lambda language: DeliveryMethodList([*delivery_methods(language).values()]),
    "payment-methods": lambda language: PaymentMethodList([*payment_methods(language).values()]),
    "qr-types": lambda language: QrTypeList([*qr_types(language).values()]),
    "units": lambda language: UnitList([*units(language).values()]),
}
"""The answer in a language (one of LANGUAGE_TAGS), by the last part of the path."""


@cache
def encoded_list(name: str, language: str) -> bytes:
    """The JSON of one of LISTS, made when it is first asked for: at most 8 x 19 of them, half a megabyte in all."""
    return json_bytes(LISTS[name](language))
