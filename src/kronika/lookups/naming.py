"""From what people call a country to its id."""

from __future__ import annotations

import re
from functools import cache

from kronika.folding import folded
from kronika.lookups.countries import COUNTRY_CODES, country

_PUNCTUATION = re.compile(r"\W+")


def countries_named(word: str, language: str) -> list[int]:
    """Ids of the countries in whose name, in this language, a word begins with this one; case and diacritics aside."""
    beginning = " " + folded(word)
    return [country_id for country_id, name in _names(language) if beginning in name]


@cache
def _names(language: str) -> list[tuple[int, str]]:
    return [(country_id, _words(country(country_id, language).name)) for country_id in COUNTRY_CODES]


def _words(name: str) -> str:
    """The name with a space before every word, and once more without its punctuation: `keeling` is in brackets."""
    whole = folded(name)
    return " " + whole + " " + _PUNCTUATION.sub(" ", whole)
