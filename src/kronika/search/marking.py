"""Where in a text the words of a search are, and the piece of a long text to show around them.

Words are compared folded (`kronika.folding`), where a character may become none or several. So the folded text is put
together character by character, and remembers of each where it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from msgspec import Struct

from kronika.folding import BETWEEN_WORDS, folded

Span: TypeAlias = tuple[int, int]
"""From the first character to behind the last."""

_BEFORE: Final = 48
_LONGEST: Final = 160
_CUT: Final = "…"
_ANYWHERE: Final = 3


class Piece(Struct, frozen=True):
    """A part of a text; `is_marked`: it is what was looked for."""

    text: str
    is_marked: bool


class Excerpt(Struct, frozen=True):
    """A line of text, with what is marked in it."""

    text: str
    spans: list[Span]

    def pieces(self) -> list[Piece]:
        """The whole text, cut where a mark begins or ends."""
        edges = [0, *(edge for span in self.spans for edge in span), len(self.text)]
        return [
            Piece(self.text[begin:end], bool(number % 2))
            for number, (begin, end) in enumerate(pairwise(edges))
            if end > begin
        ]


def spans_of_beginnings(text: str, words: Sequence[str]) -> list[Span]:
    """Where words of a text begin with one of these, which are folded; one of a single character must be the whole
    word. Events are found so.
    """
    folded_text, origins = _folded_with_origins(text)
    spans: list[Span] = []
    begin = 0
    for divider in [*BETWEEN_WORDS.finditer(folded_text), None]:
        end = divider.start() if divider else len(folded_text)
        length = max((_begun(folded_text, begin, end, word) for word in words), default=0)
        if length:
            spans.append((origins[begin], origins[begin + length - 1] + 1))
        begin = divider.end() if divider else end
    return _joined(text, spans)


def spans_anywhere(text: str, words: Sequence[str]) -> list[Span]:
    """Where in a text any of these words stands, folded or not. From three characters on anywhere in a word, a shorter
    one where a word begins: contacts, cases and documents are found so.
    """
    folded_text, origins = _folded_with_origins(text)
    spans: list[Span] = []
    for word in map(folded, words):
        at = folded_text.find(word) if word else -1
        while at >= 0:
            if len(word) >= _ANYWHERE or at == 0 or BETWEEN_WORDS.fullmatch(folded_text[at - 1]):
                spans.append((origins[at], origins[at + len(word) - 1] + 1))
            at = folded_text.find(word, at + len(word))
    return _joined(text, spans)


def excerpt(text: str, spans: Sequence[Span]) -> Excerpt:
    """A line of at most some 160 characters around the first mark; without one, the beginning."""
    first = spans[0][0] if spans else 0
    begin = _word_edge(text, first - _BEFORE, first) if first > _BEFORE else 0
    end = min(begin + _LONGEST, len(text))
    if end < len(text):
        cut = text.rfind(" ", max(begin, end - _BEFORE // 2), end)
        end = cut if cut > (spans[0][1] if spans else begin) else end
    # Character by character, so that what is marked stays where it is.
    line = "".join(" " if character.isspace() else character for character in text[begin:end])
    before, after = _CUT if begin else "", _CUT if end < len(text) else ""
    shift = len(before) - begin
    kept = [(max(span[0], begin) + shift, min(span[1], end) + shift) for span in spans if begin <= span[0] < end]
    return Excerpt(before + line + after, kept)


def _begun(text: str, begin: int, end: int, word: str) -> int:
    """How many characters of the word there, from `begin` to `end`, are this one."""
    if len(word) == 1:
        return int(end - begin == 1 and text[begin] == word)
    return len(word) if len(word) <= end - begin and text.startswith(word, begin) else 0


def _folded_with_origins(text: str) -> tuple[str, Sequence[int]]:
    if text.isascii():
        return text.lower(), range(len(text))
    characters: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for each in _folded_character(character):
            characters.append(each)
            origins.append(place)
    return "".join(characters), origins


@lru_cache(4096)
def _folded_character(character: str) -> str:
    return folded(character)


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """In order, those that touch as one, and each with the marks that belong to its last letter."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        behind = end
        while behind < len(text) and not _folded_character(text[behind]):
            behind += 1
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], behind))
        else:
            joined.append((begin, behind))
    return joined


def _word_edge(text: str, earliest: int, latest: int) -> int:
    """Where a word begins, not before one place and not behind another."""
    space = text.find(" ", earliest, latest)
    return earliest if space < 0 else space + 1
