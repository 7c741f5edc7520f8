"""A timeline as its page shows it: days, in them what people wrote, and what the system wrote folded together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

from msgspec import Struct

from kronika.attachments.kinds import INLINE
from kronika.documents.labels import label, type_name
from kronika.documents.models import PaymentStatus, payment_status
from kronika.events.models import RECORDABLE_TYPES
from kronika.events.stretches import File, Place, Told, View
from kronika.timelines.models import Target, TargetKind
from kronika.users.models import Language
from kronika.web.when import Clock

FOLDERS: Final[dict[TargetKind, str]] = {"client": "clients", "supplier": "suppliers", "business_case": "cases"}
"""What stands in the address of a timeline's page."""
_FOLDED_FROM: Final = 3
_ICONS: Final = {"note": "note", "email": "mail", "phone_call": "call"}


class Day(Struct, frozen=True):
    """A day and its groups of events, newest first; a group of several is folded."""

    date: date
    groups: list[list[Told]]


class Stretch(Struct, frozen=True):
    """Part of a timeline. `more`: behind which place it goes on; `newer`: before which there are newer ones."""

    events: list[Told]
    more: Place | None = None
    newer: Place | None = None


class Timeline(Struct, frozen=True):
    """Whose timeline it is, and what of it is shown."""

    target: Target
    company_path: str
    view: View

    @property
    def path(self) -> str:
        """The page's."""
        return f"{self.company_path}/{FOLDERS[self.target.kind]}/{self.target.id}"

    def address(self, *, view: View | None = None, before: Place | None = None, after: Place | None = None) -> str:
        """The page, of this view, on from a place: of what is older, or of what is newer."""
        chosen = view or self.view
        query = [f"show={chosen}"] if chosen != "all" else []
        if before:
            query.append(f"before={before.at}-{before.id}")
        if after:
            query.append(f"after={after.at}-{after.id}")
        return self.path + ("?" + "&".join(query) if query else "")


def days_of(events: Sequence[Told], clock: Clock, seen: int = 0, *, folds: bool = True) -> list[Day]:
    """Events, newest first, by their days. Those up to the id `seen` are folded apart from those behind it."""
    return [
        Day(day, _folded(list(of_day), seen) if folds else [[event] for event in of_day])
        for day, of_day in groupby(events, key=lambda event: clock.local(clock.at(event.created)).date())
    ]


def is_peoples(event: Told) -> bool:
    """Whether somebody recorded it, and may change it."""
    return event.type in RECORDABLE_TYPES


def _folded(events: Sequence[Told], seen: int) -> list[list[Told]]:
    groups: list[list[Told]] = []
    for (peoples, _), found in groupby(events, key=lambda event: (is_peoples(event), event.id <= seen)):
        run = list(found)
        groups += [run] if not peoples and len(run) >= _FOLDED_FROM else [[event] for event in run]
    return groups


def icon_of(event: Told) -> str:
    return _ICONS.get(event.type, "documents")


def document_of(event: Told, language: Language) -> str:
    """What its document is called: as the event says, else as it was last."""
    number = event.said_number or event.last_number or ""
    return type_name(event.document_type or "invoice", language) + " " + number


def document_now(event: Told, language: Language) -> str:
    """What its document is called now."""
    now = event.document
    return "" if now is None else label(now.type, now.number, now.name, language)


def status_of(event: Told, clock: Clock) -> PaymentStatus | None:
    """Whether its document is paid, today; None: it is gone, or nothing that is paid."""
    today = clock.local(clock.now_is).date()
    return None if event.document is None else payment_status(event.document, today)


def is_image(file: File) -> bool:
    """Whether a browser can show it in a page. It is told from the bytes, and what can run anything is none."""
    return file.mime_type in INLINE and file.mime_type.startswith("image/")
