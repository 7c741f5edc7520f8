"""A CSV file, row by row: however long it is, one row of it is held."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from msgspec import Struct

from kronika.errors import Refused

LONGEST_ROW: Final = 16 * 2**20
"""Characters. More than that is no row but a quote that nobody closed, or no CSV at all."""
DELIMITERS: Final = (";", ",", "\t", "|")
_QUOTED: Final = re.compile(r'"[^"]*"?')
_MOST_SHOWN: Final = 120


class CsvRow(Struct, frozen=True):
    """`line`: where it begins in the file, from 1. `fault`: why it has no cells."""

    line: int
    cells: list[str]
    fault: str | None = None


class CsvFile:
    """`header`: the cells of the first line that is not empty, as they can be shown.

    `is_cut_off`: something in it could not be read past, the last row's fault says what.
    `delimiter` None: the most frequent of DELIMITERS in the header. What is not in the encoding reads as surrogates.
    Raises Refused: there is no header to be read.
    """

    def __init__(self, raw: io.RawIOBase, *, encoding: str = "utf-8", delimiter: str | None = None) -> None:
        self._raw = _Counted(raw)
        self._encoding = encoding
        try:
            text = io.TextIOWrapper(io.BufferedReader(self._raw), _with_mark(encoding), "surrogateescape", newline="")
        except LookupError:
            raise Refused(f"there is no encoding {encoding!r}: utf-8, cp1250, iso-8859-2 and utf-16 are some") from None
        self._lines = _Lines(text)
        self.is_cut_off = False
        first = self._first_line()
        self.delimiter = delimiter or max(DELIMITERS, key=_QUOTED.sub("", first).count)
        # Nothing else in the process reads CSV.
        csv.field_size_limit(LONGEST_ROW)
        self._reader = csv.reader(chain([first], self._lines), delimiter=self.delimiter, strict=True)
        header = self._next()
        if header is None or header.fault is not None:
            raise Refused(f"the header in line {self._lines.read} cannot be read: {header and header.fault}")
        self.header = [shown(cell) for cell in header.cells]

    @property
    def bytes_read(self) -> int:
        """As far as the file was read; a little ahead of the rows."""
        return self._raw.bytes

    def rows(self) -> Iterator[CsvRow]:
        """The rows in which something stands, with as many cells as the header has; after a fault that cannot be read
        past, no more.
        """
        while (row := self._next()) is not None:
            if row.fault is not None:
                yield row
            elif any(cell.strip() for cell in row.cells):
                yield self._measured(row)

    def _measured(self, row: CsvRow) -> CsvRow:
        cells, wanted = row.cells, len(self.header)
        # A delimiter at the end of a row is no cell.
        while len(cells) > wanted and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) == wanted:
            return CsvRow(row.line, cells)
        return CsvRow(row.line, [], f"This row has {_cells(len(cells))}, the header has {wanted}.")

    def _first_line(self) -> str:
        line, trouble = "\n", None
        try:
            while not line.strip():
                # Of UTF-16 and 32 whose order of bytes was said, the decoder leaves the mark.
                line = next(self._lines).removeprefix("\ufeff")
        except StopIteration:
            raise Refused("the file is empty: its first line must name the columns") from None
        except (UnicodeError, _TooLongError):
            trouble = True
        except OSError as error:
            raise Refused(f"the file cannot be read: {error.strerror}") from None
        if trouble or "\0" in line or not _is_encodable(line):
            raise Refused(
                f"this is no text in {self._encoding}, or no text at all (line {max(self._lines.read, 1)}); "
                "--encoding names another: cp1250, utf-16"
            )
        return line

    def _next(self) -> CsvRow | None:
        """The next row, empty ones too; None at the end, which is also behind a fault that cannot be read past."""
        if self._lines.ended:
            return None
        # The header's first line was read ahead.
        begin = self._lines.read + (1 if self._reader.line_num else 0)
        self._lines.begin_row()
        try:
            return CsvRow(begin, next(self._reader))
        except StopIteration:
            return None
        except csv.Error:
            if self._lines.ended:
                self.is_cut_off = True
                return CsvRow(begin, [], "A quote that begins here or later is not closed: nothing more was read.")
            until = f", up to line {self._lines.read}" if self._lines.read > begin else ""
            return CsvRow(begin, [], f"A quote within a cell must be doubled{until}.")
        except _TooLongError:
            fault = f"This row is longer than {LONGEST_ROW} characters: nothing more was read. Is a quote not closed?"
        except UnicodeError:
            fault = f"This is no text in {self._encoding}: nothing more was read."
        except OSError as error:
            fault = f"The file cannot be read on: {error.strerror}."
        self._lines.ended = self.is_cut_off = True
        return CsvRow(begin, [], fault)


class _TooLongError(Exception):
    """A row or a line has more than LONGEST_ROW characters."""


class _Lines:
    """The lines of a text, counted (`read`), and bounded as a row."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._size = 0
        self.read = 0
        self.ended = False

    def begin_row(self) -> None:
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_ROW + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self.read += 1
        self._size += len(line)
        if self._size > LONGEST_ROW:
            raise _TooLongError
        return line


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were read of it."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self.bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override] - any buffer in typeshed
        got = self._raw.readinto(buffer)
        self.bytes += got or 0
        return got


def shown(text: str) -> str:
    """A text of the file for a line on a terminal: cut, without what is no visible character."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in text.strip()[: _MOST_SHOWN + 1])
    return clean if len(clean) <= _MOST_SHOWN else clean[: _MOST_SHOWN - 1] + "…"


def _with_mark(encoding: str) -> str:
    """UTF-8 may begin with a byte order mark, which is no part of the text."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"
