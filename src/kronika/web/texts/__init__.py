"""Everything that pages say, in English and Slovak: one file a language, the same keys in both."""

from __future__ import annotations

from typing import Final, TypeAlias

from babel import Locale

from kronika.users.models import Language
from kronika.web.texts.en import TEXTS as ENGLISH
from kronika.web.texts.sk import TEXTS as SLOVAK

Text: TypeAlias = "str | dict[str, str]"
"""A sentence, or one for each plural form of the number `n` (CLDR: one, few, many, other)."""

CATALOGUE: Final[dict[Language, dict[str, Text]]] = {"en": ENGLISH, "sk": SLOVAK}


def text(language: Language, key: str, *, n: int = 0, **values: object) -> str:
    """The sentence of this key, with its `{names}` filled in. It is text and no HTML."""
    found = CATALOGUE[language][key]
    if isinstance(found, dict):
        found = found[Locale(language).plural_form(n)]
    return found.format(n=n, **values)


def has_text(key: str) -> bool:
    return key in ENGLISH
