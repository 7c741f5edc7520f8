"""Units of what is sold, as invoices write them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

# Pieces, hours, days. Not from CLDR: it has no pieces, its short hour is Estonian `t`, the tonne, its days are plural.
_COUNTED = {
    "sk": ("ks", "hod.", "deň"),
    "en": ("pcs", "hrs", "day"),
    "cs": ("ks", "hod.", "den"),
    "de": ("Stk.", "Std.", "Tag"),
    "et": ("tk", "h", "päev"),
    "es": ("uds.", "h", "día"),
    "fr": ("pcs", "h", "jour"),
    "hr": ("kom", "sat", "dan"),
    "hu": ("db", "óra", "nap"),
    "it": ("pz", "ore", "giorno"),
    "lt": ("vnt.", "val.", "diena"),
    "nl": ("stuks", "uur", "dag"),
    "pl": ("szt.", "godz.", "dzień"),
    "pt": ("un.", "h", "dia"),
    "ro": ("buc.", "ore", "zi"),
    "sr": ("ком", "сат", "дан"),
    "ru": ("шт.", "ч", "день"),
    "sl": ("kos", "ura", "dan"),
    "uk": ("шт.", "год", "день"),
}
# Not from CLDR either, where the tonne is `mt` in Lithuanian and the litre a word in some plural forms: these are
# symbols, the same in all languages; Russian and Ukrainian standards write them in Cyrillic.
_SYMBOLS = ("cm", "m", "m²", "m³", "km", "l", "g", "kg", "t")
_CYRILLIC_SYMBOLS = ("см", "м", "м²", "м³", "км", "л", "г", "кг", "т")


class Unit(Struct, frozen=True):
    """A unit as the API shows it; `name` is localized."""

    id: int
    name: str


@cache
def units(language: str) -> Mapping[int, Unit]:
    """All units by id, named in this language (one of LANGUAGE_TAGS)."""
    symbols = _CYRILLIC_SYMBOLS if language in {"ru", "uk"} else _SYMBOLS
    return {number: Unit(number, name) for number, name in enumerate((*_COUNTED[language], *symbols), 1)}
