"""The rules of a search."""

from __future__ import annotations

from typing import Any, Final

from kronika.folding import folded, searched_words, words_of
from kronika.input.fields import LONGEST_LINE, Field, choice, required, text
from kronika.search.models import RESULT_TYPES, SearchQuery

LONGEST_QUERY: Final = LONGEST_LINE
"""Characters that are looked at; a longer query is cut there."""
MOST_WORDS: Final = 8
"""Words that are looked for; of more, the longest, which say most."""

SEARCH_FIELDS: dict[str, Field[Any]] = {"query": required(text(characters=10_000)), "type": choice(*RESULT_TYPES)}


def read_query(written: str) -> SearchQuery:
    """What somebody wrote, as words. Whatever it is, it asks for something or for nothing."""
    cut = written[:LONGEST_QUERY]
    return SearchQuery(_longest(words_of(cut)), _longest(list(dict.fromkeys(searched_words(cut).split()))))


def _longest(words: list[str]) -> list[str]:
    chosen = sorted(words, key=lambda word: -len(folded(word)))[:MOST_WORDS]
    return [word for word in words if word in chosen]
