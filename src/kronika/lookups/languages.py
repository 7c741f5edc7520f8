"""Languages of documents: 19, the same that labels are written in; names from CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from kronika.lookups.cldr import as_label, locale

# The contract's codes. Five of them are not those of ISO 639.
_CODES = "sk en de es hu ee fr cz hr it lt nl pl pt ro rs ru si ua"
_ISO_639 = {"ee": "et", "cz": "cs", "rs": "sr", "si": "sl", "ua": "uk"}


class Language(Struct, frozen=True):
    """A language as the API shows it; `name` is localized."""

    id: int
    name: str
    code: str


LANGUAGE_CODES = dict(enumerate(_CODES.split(), 1))
"""The contract's code by id."""


@cache
def languages(language: str) -> Mapping[int, Language]:
    """All languages by id, named in this one of LANGUAGE_TAGS."""
    names = locale(language).languages
    return {
        number: Language(number, as_label(names[_ISO_639.get(code, code)]), code)
        for number, code in LANGUAGE_CODES.items()
    }
