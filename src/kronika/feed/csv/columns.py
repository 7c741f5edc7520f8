"""Which column of a table says what of a document."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from kronika.documents.models import WAREHOUSE_TYPES
from kronika.errors import Refused
from kronika.feed.csv.reading import shown
from kronika.feed.input import DOCUMENT_FIELDS, KEY_FIELDS

# What a table may say instead of an id: a contact by what it is called, a currency by its code.
INSTEAD: Final = {"client": "clientId", "supplier": "supplierId", "currency": "currencyId"}
FIELDS: Final = (*KEY_FIELDS, *DOCUMENT_FIELDS, *INSTEAD)
_CONTACTS: Final = ("clientId", "client", "supplierId", "supplier")
_MOST_HEADERS: Final = 40


class Columns(Struct, frozen=True):
    """The place of the column that a field is read from, and its header."""

    places: Mapping[str, int]
    headers: Mapping[str, str]

    def header_of(self, path: str) -> str | None:
        """The header of the column that a complaint about this field is about."""
        instead = next((name for name, field in INSTEAD.items() if field == path), None)
        return self.headers.get(path) or (self.headers.get(instead) if instead else None)


def choose_columns(
    header: Sequence[str], wishes: Iterable[str], *, document_type: str | None, currency_id: int | None
) -> Columns:
    """The columns for the fields: those wished for (`number=Číslo faktúry`; nothing behind the `=`: none), then those
    that are named like a field. Of a field that all rows have the same of, none.

    Raises Refused, in one line: a wish that names no field or no column, two columns for one thing, no column for
    what must be there.
    """
    _judge_header(header)
    chosen = _wished(header, wishes)
    unwished = {field for field in FIELDS if field not in chosen and not _other_way(field, chosen)}
    by_name: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        by_name.setdefault(_bare(name), []).append(place)
    for field in sorted(unwished):
        places = by_name.get(_bare(field), [])
        if len(places) > 1:
            raise Refused(f"several columns are named {field}: choose one with --column {field}=HEADER")
        if places:
            chosen[field] = places[0]
    places = {field: place for field, place in chosen.items() if place is not None}
    if document_type is not None:
        places.pop("documentType", None)
    for name, field in INSTEAD.items():
        if name in places and field in places:
            raise Refused(f"{name} and {field} say the same: leave one out with --column {name}=")
    _judge_complete(header, places, document_type=document_type, currency_id=currency_id)
    return Columns(places, {field: header[place] for field, place in places.items()})


def _judge_header(header: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise Refused(f"two columns have the header {name!r}")
        seen.add(name)


def _wished(header: Sequence[str], wishes: Iterable[str]) -> dict[str, int | None]:
    chosen: dict[str, int | None] = {}
    for wish in wishes:
        name, has_header, column = (part.strip() for part in wish.partition("="))
        field = next((field for field in FIELDS if _bare(field) == _bare(name)), None)
        if field is None or not has_header:
            raise Refused(f"--column {wish}: say FIELD=HEADER, FIELD being one of {', '.join(FIELDS)}")
        if field in chosen:
            raise Refused(f"--column {field} is there twice")
        chosen[field] = _place_of(header, column) if column else None
    return chosen


def _place_of(header: Sequence[str], column: str) -> int:
    wanted, names = _same(column), [_same(name) for name in header]
    found = [place for place, name in enumerate(names) if name == wanted]
    found = found or [place for place, name in enumerate(names) if name.casefold() == wanted.casefold()]
    if not found:
        raise Refused(f"there is no column {column!r}; {_listed(header)}")
    if len(found) > 1:
        raise Refused(f"several columns are named {column!r}")
    return found[0]


def _other_way(field: str, chosen: Mapping[str, int | None]) -> bool:
    """Whether the same was wished for in the other way: a client by its name, so not by an id."""
    others = [INSTEAD.get(field), *(name for name, instead in INSTEAD.items() if instead == field)]
    return any(chosen.get(other) is not None for other in others if other is not None)


def _judge_complete(
    header: Sequence[str], places: Mapping[str, int], *, document_type: str | None, currency_id: int | None
) -> None:
    missing = [name for name in ("documentId", "number", "issueDate") if name not in places]
    if document_type is None and "documentType" not in places:
        missing.append("documentType (or --type)")
    if not any(name in places for name in _CONTACTS):
        missing.append("one of " + ", ".join(_CONTACTS))
    # Among several types there may be some that need no price: the rows will tell.
    if document_type is not None and document_type not in WAREHOUSE_TYPES:
        if "totalWithVat" not in places:
            missing.append("totalWithVat")
        if currency_id is None and not {"currency", "currencyId"} & places.keys():
            missing.append("currency (or --currency)")
    if missing:
        raise Refused(f"no column for {'; '.join(missing)}: name it with --column FIELD=HEADER; {_listed(header)}")


def _listed(header: Sequence[str]) -> str:
    more = f" and {len(header) - _MOST_HEADERS} more" if len(header) > _MOST_HEADERS else ""
    return "the columns are: " + ", ".join(name or "(unnamed)" for name in header[:_MOST_HEADERS]) + more


def _bare(name: str) -> str:
    """What headers and fields are compared by: `Total_with VAT` is totalWithVat."""
    return name.replace("_", "").replace(" ", "").casefold()


def _same(name: str) -> str:
    # As the header is: cut, and the same letters however they are composed.
    return unicodedata.normalize("NFC", shown(name))
