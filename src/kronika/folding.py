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


# What divides words, of controls, white space, punctuation and symbols: as in SQL's searched_words().
BETWEEN_WORDS: Final = re.compile(
    "[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05c6"
    "\u05f3\u05f4\u060c\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e3f\u0e5a\u0e5b\u1680\u180e\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff"
    "\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u30fb\ufe00-\ufe0f\ufe30-\ufe6f\ufeff\ufff0-\uffff\U0001f000-\U0001faff]+"
)
_LONGEST_WORD: Final = 40
_MOST_WORDS: Final = 10_000


def searched_words(text: str) -> str:
    """What a text is found by: its words, folded, with a space between them. A word is cut after 40 characters; of a
    very long text these are the first 10,000 words. The twin of SQL's searched_words().
    """
    words = BETWEEN_WORDS.sub(" ", folded(text)).split()
    return " ".join([word[:_LONGEST_WORD] for word in words[:_MOST_WORDS]])
