"""From a row of a table to what it says of a document: the payload of a PUT, judged by the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from kronika.contacts.models import ContactKind
from kronika.documents.models import Said
from kronika.errors import Complaint, Complaints
from kronika.feed.csv.columns import INSTEAD, Columns
from kronika.feed.csv.reading import CsvRow
from kronika.feed.csv.values import DecimalMark, plain_amount, plain_day
from kronika.feed.input import KEY_FIELDS, read_document
from kronika.input.fields import LONGEST_LINE, parse_integer, read_members
from kronika.input.normalise import Json, clean_text
from kronika.lookups.currencies import CURRENCIES

IDS_OF_CURRENCIES: Final = {code: number for number, (code, _) in CURRENCIES.items()}
_CONTACTS: Final[dict[str, ContactKind]] = {"client": "client", "supplier": "supplier"}

Called = tuple[ContactKind, str]
"""A contact as a table names it."""


class RowError(Struct, frozen=True):
    """Why a row was refused: the line where it begins, the header of the column if it is about one, and what the API
    complains about too, or a sentence.
    """

    line: int
    column: str | None
    reason: Complaint | str


class Rules(Struct, frozen=True):
    """How the rows of a table are to be read. The type is that of all rows, the currency of those that name none."""

    columns: Columns
    decimal: DecimalMark
    document_type: str | None = None
    currency_id: int | None = None
    date_format: str | None = None
    encoding: str = "utf-8"


class Judged(Struct, frozen=True):
    """What a row says, or why it says nothing."""

    line: int
    said: Said | None
    errors: list[RowError]


class _Draft:
    """A row on its way to a payload: what is wrong with it is collected, by field."""

    def __init__(self, rules: Rules, row: CsvRow) -> None:
        self._rules, self._row = rules, row
        self.complaints = Complaints()
        self.texts: dict[str, list[str]] = {}
        self.values: dict[str, Json] = {}
        for field, place in rules.columns.places.items():
            self.values[field] = self._storable(field, clean_text(row.cells[place]))

    def refuse(self, field: str, text: str) -> None:
        """Says in words of ours what is wrong with a field, which nothing else is said about then."""
        self.complaints.setdefault(field, [])
        self.texts.setdefault(field, []).append(text)

    def errors(self) -> list[RowError]:
        return errors_of(self._rules, self._row.line, self.complaints, self.texts)

    def _storable(self, field: str, cell: str | None) -> str | None:
        path = INSTEAD.get(field, field)
        if cell is None:
            return None
        if "\0" in cell:
            self.complaints.add(path, "characters")
        elif _is_undecoded(cell):
            self.refuse(
                path, f"This is no text in {self._rules.encoding}: is another --encoding needed, such as cp1250?"
            )
        else:
            return cell
        return None


def names_in(rows: Sequence[CsvRow], rules: Rules) -> Iterator[Called]:
    """The contacts that rows name by what they are called."""
    for field, kind in _CONTACTS.items():
        place = rules.columns.places.get(field)
        if place is None:
            continue
        for row in rows:
            name = clean_text(row.cells[place]) if row.fault is None else None
            # Nobody is called what could not be stored.
            if name is not None and len(name) <= LONGEST_LINE and "\0" not in name and not _is_undecoded(name):
                yield kind, name


def judge_row(row: CsvRow, rules: Rules, contacts: Mapping[Called, list[int]]) -> Judged:
    """What a row says of a document. `contacts`: the ids of those it names by what they are called."""
    if row.fault is not None:
        return Judged(row.line, None, [RowError(row.line, None, row.fault)])
    draft = _Draft(rules, row)
    _name_contacts(draft, contacts)
    _write_plainly(draft, rules)
    values, complaints = draft.values, draft.complaints
    document_type = values.get("documentType")
    if rules.document_type is not None:
        values["documentType"] = rules.document_type
    elif isinstance(document_type, str):
        values["documentType"] = document_type.lower()
    key = read_members(KEY_FIELDS, values, complaints)
    # Of an unknown type, what all types have in common is judged.
    said = read_document(key["documentType"] or "invoice", key["documentId"] or 1, values, complaints)
    return Judged(row.line, said, draft.errors())


def _name_contacts(draft: _Draft, contacts: Mapping[Called, list[int]]) -> None:
    for field, kind in _CONTACTS.items():
        name = draft.values.pop(field, None)
        if isinstance(name, str):
            match contacts.get((kind, name), []):
                case [contact_id]:
                    draft.values[INSTEAD[field]] = contact_id
                case []:
                    draft.refuse(INSTEAD[field], f"No {kind} has this business id, tax id, VAT id or name.")
                case _:
                    draft.refuse(INSTEAD[field], f"More than one {kind} has this business id, tax id, VAT id or name.")


def _write_plainly(draft: _Draft, rules: Rules) -> None:
    values = draft.values
    code = values.pop("currency", None)
    if isinstance(code, str):
        currency_id = IDS_OF_CURRENCIES.get(code.upper())
        if currency_id is None:
            draft.complaints.add("currencyId", "unknown")
        values["currencyId"] = currency_id
    if values.get("currencyId") is None and "currencyId" not in draft.complaints:
        values["currencyId"] = rules.currency_id
    for field in ("totalWithVat", "currencyRate"):
        cell = values.get(field)
        if isinstance(cell, str):
            signs = _signs(values.get("currencyId")) if field == "totalWithVat" else ()
            values[field] = plain_amount(cell, rules.decimal, signs, grouped=field == "totalWithVat")
            if values[field] is None:
                draft.complaints.add(field, "number")
    for field in ("issueDate", "dueDate"):
        cell = values.get(field)
        if isinstance(cell, str):
            values[field] = plain_day(cell, rules.date_format)
            if values[field] is None and rules.date_format is not None:
                example = datetime(2026, 3, 10).strftime(rules.date_format)  # noqa: DTZ001 - a day has no zone
                draft.refuse(field, f"This must be a day like {example}, as --date-format says.")


def _signs(currency_id: Json) -> tuple[str, ...]:
    """How the currency of a row may be written beside its amount."""
    return CURRENCIES.get(parse_integer(currency_id) or 0, ())


def _is_undecoded(cell: str) -> bool:
    """Whether some of it was not in the encoding."""
    return not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell)


def errors_of(
    rules: Rules, line: int, complaints: Complaints, texts: Mapping[str, list[str]] | None = None
) -> list[RowError]:
    """What is wrong with a row, each thing once: by the columns that it has."""
    found: dict[tuple[str | None, Complaint | str], RowError] = {}
    for path, complained in complaints.items():
        column = rules.columns.header_of(path)
        for reason in [*complained, *(texts or {}).get(path, [])]:
            found[column, reason] = RowError(line, column, reason)
    in_columns = {reason for column, reason in found if column is not None}
    return [error for (column, reason), error in found.items() if column is not None or reason not in in_columns]
