"""Which QR code a document carries for whoever pays it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

# A name of its own, the same in every language.
_PAY_BY_SQUARE = "PayBySquare"
_NONE = {
    "sk": "Negenerovať",
    "en": "Do not generate",
    "cs": "Negenerovat",
    "de": "Nicht generieren",
    "et": "Ära genereeri",
    "es": "No generar",
    "fr": "Ne pas générer",
    "hr": "Ne generirati",
    "hu": "Ne készüljön",
    "it": "Non generare",
    "lt": "Negeneruoti",
    "nl": "Niet genereren",
    "pl": "Nie generuj",
    "pt": "Não gerar",
    "ro": "Nu se generează",
    "sr": "Не генерисати",
    "ru": "Не создавать",
    "sl": "Ne ustvari",
    "uk": "Не створювати",
}


class QrType(Struct, frozen=True):
    """A QR type as the API shows it; `name` is localized."""

    id: int
    name: str


@cache
def qr_types(language: str) -> Mapping[int, QrType]:
    """All QR types by id, named in this language (one of LANGUAGE_TAGS)."""
    return {number: QrType(number, name) for number, name in enumerate((_NONE[language], _PAY_BY_SQUARE), 1)}
