"""What selects offer: pairs of a value and what it is called in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

from kronika.folding import folded
from kronika.lookups.countries import countries
from kronika.lookups.currencies import currencies
from kronika.lookups.delivery_methods import delivery_methods
from kronika.lookups.languages import languages
from kronika.lookups.payment_methods import payment_methods
from kronika.users.models import Language

Options: TypeAlias = "list[tuple[str, str]]"

_NONE = ("", "")


@cache
def lookup_options(language: Language) -> dict[str, Options]:
    """By the lookup's name; those that are long by their names, the others in the order of their ids."""
    return {
        "countries": [_NONE, *_by_name([(str(it.id), it.name) for it in countries(language).values()])],
        "languages": [_NONE, *_by_name([(str(it.id), it.name) for it in languages(language).values()])],
        "currencies": [_NONE, *((str(it.id), f"{it.symbol} · {it.name}") for it in currencies(language).values())],
        "delivery_methods": [_NONE, *((str(it.id), it.name) for it in delivery_methods(language).values())],
        "payment_methods": [_NONE, *((str(it.id), it.name) for it in payment_methods(language).values())],
    }


def _by_name(options: Options) -> Options:
    return sorted(options, key=lambda option: folded(option[1]))
