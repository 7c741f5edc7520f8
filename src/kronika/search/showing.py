"""What was found, as people see it: what it is called, where in it the words are, and a line of text around them."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from kronika.cases.models import Case
from kronika.contacts.models import Contact
from kronika.documents.labels import label
from kronika.documents.models import Document
from kronika.lookups.countries import country
from kronika.search.marking import Excerpt, Span, excerpt, spans_anywhere, spans_of_beginnings
from kronika.search.models import Found, FoundEvent, ResultType, SearchQuery

FoundIn: TypeAlias = Literal[
    "name", "city", "zip", "country", "description", "number",
    "content", "email", "personName", "phoneNumber", "attachments",
]  # fmt: skip

# So many characters of one answer are looked through for marks: 10 ms of a process that others wait for.
_MOST_LOOKED_THROUGH: Final = 60_000
_NO_DIGITS: Final = re.compile("[^0-9]+")
# What is short enough to be a number that is written in several ways.
_LONGEST_NUMBER: Final = 40


class Shown(Struct, frozen=True):
    """A result with what is marked of it. `line` is the text it was found in, where that is not its title."""

    row: Found
    title: Excerpt
    line: Excerpt | None
    found_in: FoundIn | None


class Marker:
    """Marks the results of one answer."""

    def __init__(self, query: SearchQuery, language: str) -> None:
        self._query = query
        self._language = language
        self._left = _MOST_LOOKED_THROUGH

    def show(self, row: Found) -> Shown:
        name = title_of(row, self._language)
        if isinstance(row, FoundEvent):
            title, line = Excerpt(name, []), excerpt(row.content or " ".join(row.file_names), [])
        else:
            title, line = Excerpt(name, self._spans(row, name)), None
        for found_in, text in _texts(row, self._language):
            spans = self._found(row, text)
            if spans is not None:
                is_in_title = not isinstance(row, FoundEvent) and text in name
                return Shown(row, title, None if is_in_title else excerpt(text, spans), found_in)
        return Shown(row, title, line, None)

    def _found(self, row: Found, text: str) -> list[Span] | None:
        """Where the words are in one of its texts; None: they are not in there."""
        if spans := self._spans(row, text):
            return spans
        # `81101` is found in `811 01`, and `0900123456` in `0900 123 456`, though nothing stands there to be marked.
        digits = _NO_DIGITS.sub("", text) if len(text) <= _LONGEST_NUMBER else ""
        is_number = any(word.isdecimal() and word in digits for word in self._query.folded_words)
        return [] if is_number else None

    def _spans(self, row: Found, text: str) -> list[Span]:
        cut = text[: max(self._left, 0)]
        self._left -= len(cut)
        if isinstance(row, FoundEvent):
            return spans_of_beginnings(cut, self._query.folded_words)
        return spans_anywhere(cut, self._query.words)


def title_of(row: Found, language: str) -> str:
    """The name; of a document its kind and number where it has none; of an event, of whose timeline it is on."""
    match row:
        case Document():
            return label(row.type, row.number, row.name, language)
        case FoundEvent():
            return row.subject
        case _:
            return row.name


def type_of(row: Found) -> ResultType:
    match row:
        case Contact():
            return row.kind
        case Case():
            return "businessCase"
        case Document():
            return "document"
        case FoundEvent():
            return "contactActivityLog"


def _texts(row: Found, language: str) -> list[tuple[FoundIn, str]]:
    """What it may have been found by, what people look at first."""
    texts: list[tuple[FoundIn, str | None]]
    match row:
        case Contact():
            land = country(row.country_id, language).name if row.country_id is not None else None
            texts = [("name", row.name), ("city", row.city), ("zip", row.zip), ("country", land)]
        case Case():
            texts = [("name", row.name), ("description", row.description)]
        case Document():
            texts = [("number", row.number), ("name", row.name)]
        case FoundEvent():
            texts = [
                ("content", row.content),
                ("personName", row.person_name),
                ("email", row.email),
                ("phoneNumber", row.phone_number),
                *[("attachments", name) for name in row.file_names],
            ]
    return [(name, text) for name, text in texts if text]
