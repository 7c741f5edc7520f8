"""What people compare when they search and sort: case and diacritics set aside. The twin of SQL's folded()."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "\u0131": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)
_MARKS = re.compile("[\u0300-\u036f]")


def folded(text: str) -> str:
    """`Žilina` → `zilina`; what no letter of it decides (digits, punctuation) stays."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()
    return _MARKS.sub("", bare).translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The words to search for, each once, as they were typed; what has no letter and no digit is none."""
    found = {folded(word): word for word in text.split() if any(map(str.isalnum, word))}
    return list(found.values())
