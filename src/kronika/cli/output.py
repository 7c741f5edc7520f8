"""What commands print: readable text, or with `--json` one JSON object."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import psycopg
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kronika.backup.errors import BackupError
from kronika.db.embedded import EmbeddedError
from kronika.db.owner import DatabaseError
from kronika.errors import Refused
from kronika.settings import SettingsError

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

_console = Console(highlight=False, soft_wrap=True, emoji=False)


def show(value: Any, *, as_json: bool, text: str) -> None:
    """Prints the value as JSON, or the text."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
        sys.stdout.flush()
    else:
        _console.print(text, markup=False)


def show_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    _console.print(table)


def complain(text: str) -> None:
    """For people, where the standard output is for something else."""
    sys.stderr.write(text + "\n")


@contextmanager
def clear_errors(*, exit_code: int = 1, on_error: Callable[[str], None] = lambda _: None) -> Generator[None]:
    """Whatever an operator can mend is one line and a non-zero exit, not a traceback. `on_error` is told it first."""
    line = ""
    try:
        yield
    except (Refused, BackupError, EmbeddedError, DatabaseError, SettingsError) as error:
        line = str(error)
    except psycopg.Error as error:
        line = f"the database refused: {str(error).strip().splitlines()[0]}"
    if not line:
        return
    on_error(line)
    complain(f"kronika: {line}")
    raise typer.Exit(exit_code)
