"""What an event is found by: all that people wrote, and the names of its files. Written in the event's transaction.

What the system tells about documents has no text of its own: the document itself is found, and leads to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from kronika.db.statements import Transaction
from kronika.events.models import Metadata
from kronika.folding import searched_words

# The event keeps its stretch. What had no words before, as when its only file's name was of none, has none of an own.
_CHANGE: Final = """
WITH changed AS (
    UPDATE event_words SET words = placed_words(company_id, stretch, %(words)s)
    WHERE company_id = %(company_id)s AND event_id = %(id)s
    RETURNING 1)
SELECT keep_event_words(%(company_id)s, %(id)s, %(words)s) WHERE NOT EXISTS (SELECT FROM changed)
"""
_NO_DIGITS: Final = re.compile("[^0-9]+")


def words_of(said: Metadata, file_names: Iterable[str]) -> str:
    """As SQL keeps them: see `searched_words`. A phone number's digits are a word too, however it is written. Content
    stands last: it is what may be too long.
    """
    phone = getattr(said, "phone_number", None) or ""
    parts = [
        *file_names,
        getattr(said, "email", None),
        getattr(said, "person_name", None),
        phone,
        _NO_DIGITS.sub("", phone),
        getattr(said, "content", None),
    ]
    return searched_words(" ".join(part for part in parts if part))


async def change_words(transaction: Transaction, event_id: int, words: str) -> None:
    """Lets a changed event be found by what it says now, and no longer by what it said."""
    await transaction.run(_CHANGE, id=event_id, words=words)
