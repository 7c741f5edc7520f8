"""The 19 language tags, and which of them an `Accept-Language` header selects."""

from __future__ import annotations

from functools import lru_cache

LANGUAGE_TAGS = (
    "sk", "en", "cs", "de", "et", "es", "fr", "hr", "hu", "it", "lt", "nl", "pl", "pt", "ro", "sr", "ru", "sl", "uk",
)  # fmt: skip
"""In the order of the contract's description."""

_KNOWN = frozenset(LANGUAGE_TAGS)
_LONGEST_HEADER = 512


def select_language(accept_language: str, default: str) -> str:
    """The tag of the best language we have, by RFC 9110 section 12.5.4; `default` when none fits.

    `sk-SK` counts as `sk`; `*` and what cannot be read count as nothing; equal weights go by their order.
    """
    # Cut before it is remembered: what strangers send must not fill the memory.
    return _select(accept_language[:_LONGEST_HEADER], default)


@lru_cache(maxsize=256)
def _select(accept_language: str, default: str) -> str:
    best, best_weight = default, 0.0
    for item in accept_language.split(","):
        name, _, parameter = item.partition(";")
        tag = name.strip().lower().replace("_", "-").partition("-")[0]
        if tag in _KNOWN and (weight := _weight(parameter)) > best_weight:
            best, best_weight = tag, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    if name.strip().lower() != "q":
        return 0.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
