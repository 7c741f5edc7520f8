"""What people compare when they search and sort: case and diacritics set aside. The twin of SQL's folded()."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

# Letters that Unicode does not decompose, and the sigma that ends a word.
_LETTERS: Final = str.maketrans(
    {
        "ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "\u0131": "i", "\u03c2": "\u03c3",
        "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
_MARKS: Final = re.compile("[\u0300-\u036f]")
_SPACE: Final = re.compile("[\\x01-\\x1f\\x7f\\s]+")
PUNCTUATION: Final = string.punctuation + "«»‘’‚“”„–—"  # noqa: RUF001 - those are what is meant


def folded(text: str) -> str:
    """`Žilina` → `zilina`; what no letter of it decides (digits, punctuation) stays."""
    bare = _SPACE.sub(" ", _MARKS.sub("", unicodedata.normalize("NFKD", text))).lower()
    return _MARKS.sub("", bare).translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The words to search for, each once, without the punctuation around them. One has a letter or a digit."""
    found = {folded(word): word.strip(PUNCTUATION) for word in text.split() if any(map(str.isalnum, word))}
    return list(found.values())
