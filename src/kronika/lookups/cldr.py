"""Names from CLDR, which Babel reads a language at a time, when it is asked for."""

from __future__ import annotations

from babel import Locale

from kronika.languages import LANGUAGE_TAGS


def locale(language: str) -> Locale:
    """What CLDR knows of a language (one of LANGUAGE_TAGS): for `sr` in Cyrillic, for `pt` as in Brazil, its defaults.

    Raises ValueError: it is none of ours; each one costs a megabyte, so strangers must not choose.
    """
    if language not in LANGUAGE_TAGS:
        raise ValueError(f"no language {language!r}")
    return Locale.parse(language)


def as_label(name: str) -> str:
    """A name as it stands in a list: CLDR writes many as in the middle of a sentence, `česká koruna`."""
    return name[0].upper() + name[1:]
