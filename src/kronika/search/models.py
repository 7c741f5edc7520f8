"""What a search asks for, and what it finds."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from msgspec import Struct

from kronika.cases.models import Case
from kronika.contacts.models import Contact
from kronika.documents.models import Document
from kronika.events.models import EventType
from kronika.timelines.models import TargetKind

ResultType: TypeAlias = Literal["client", "supplier", "businessCase", "document", "contactActivityLog"]
RESULT_TYPES: Final[tuple[ResultType, ...]] = get_args(ResultType)
"""In the order in which results are listed."""

MOST_FOUND: Final = 500
"""Of each type; what else there is, is neither listed nor counted."""


class SearchQuery(Struct, frozen=True):
    """What is looked for. `words` are as they were written, for contacts, cases and documents; `folded_words` as events
    keep theirs, without punctuation. Nothing is found by no words.
    """

    words: list[str]
    folded_words: list[str]


class FoundEvent(Struct, frozen=True):
    """An event with what it is found by; `subject` is the name of whose timeline it is on."""

    id: int
    type: EventType
    content: str | None
    email: str | None
    person_name: str | None
    phone_number: str | None
    created_at: datetime
    file_names: list[str]
    target_kind: TargetKind
    target_id: int
    subject: str


class Key(Struct, frozen=True):
    """Something that was found: a contact, a case, a document or an event, by its own id."""

    type: ResultType
    id: int


Found: TypeAlias = Contact | Case | Document | FoundEvent
