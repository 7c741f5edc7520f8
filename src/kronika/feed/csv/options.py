"""What an operator can say about a table: judged, and made into the file and the rules by which its rows are read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from kronika.documents.models import DOCUMENT_TYPES
from kronika.errors import Refused
from kronika.feed.csv.columns import choose_columns
from kronika.feed.csv.reading import CsvFile
from kronika.feed.csv.rows import IDS_OF_CURRENCIES, Rules
from kronika.feed.csv.values import DecimalMark, judge_date_format

_DELIMITERS: Final = {"tab": "\t", "\\t": "\t"}
_MARKS: Final = (",", ".")


class Options(Struct, frozen=True, kw_only=True):
    """`columns`: FIELD=HEADER each; `currency`: an ISO 4217 code, for rows that name none. None: found out."""

    columns: Sequence[str] = ()
    document_type: str | None = None
    currency: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    decimal: str | None = None
    date_format: str | None = None


def open_table(raw: io.RawIOBase, options: Options) -> tuple[CsvFile, Rules]:
    """The table, read as far as its header, and the rules for its rows.

    Raises Refused, in one line: an option is none, the header cannot be read, or does not have what is needed.
    """
    if options.document_type not in {None, *DOCUMENT_TYPES}:
        raise Refused(f"--type {options.document_type} is none of {', '.join(DOCUMENT_TYPES)}")
    currency_id = options.currency and IDS_OF_CURRENCIES.get(options.currency.upper())
    if options.currency is not None and not currency_id:
        raise Refused(f"--currency {options.currency} is none of {', '.join(IDS_OF_CURRENCIES)}")
    if options.decimal not in {None, *_MARKS}:
        raise Refused("--decimal is , or .")
    if options.date_format is not None:
        judge_date_format(options.date_format)
    file = CsvFile(raw, encoding=options.encoding, delimiter=_delimiter(options.delimiter))
    columns = choose_columns(
        file.header, options.columns, document_type=options.document_type, currency_id=currency_id or None
    )
    # Where a comma stands before decimals, it cannot well stand between cells.
    decimal = DecimalMark(options.decimal or ("," if file.delimiter == ";" else "."), options.decimal is not None)
    return file, Rules(
        columns, decimal, options.document_type, currency_id or None, options.date_format, options.encoding
    )


def _delimiter(said: str | None) -> str | None:
    delimiter = None if said is None else _DELIMITERS.get(said, said)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0 ' or delimiter.isalnum()):
        raise Refused("--delimiter is one character, or tab")
    return delimiter
