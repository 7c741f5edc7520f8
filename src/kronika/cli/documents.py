"""`kronika documents import`."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from msgspec import Struct, structs

from kronika.cli.output import AsJson, clear_errors, complain, show
from kronika.cli.progress import shown_progress
from kronika.companies.queries import find_company
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.errors import Refused
from kronika.feed.csv.options import Options, open_table
from kronika.feed.csv.rows import RowError
from kronika.feed.importing import Import, Tally, import_documents
from kronika.http.texts import text_of
from kronika.server.prepared import prepared
from kronika.settings import load_settings

_PIPE = Path("-")
_MOST_ERRORS = 1000
_REFUSED, _CANNOT, _INTERRUPTED = 1, 2, 130
_CUT_OFF = "the file could not be read to its end"
_LANGUAGE = "en"

documents_app = typer.Typer(help="Documents of an invoicing system.", no_args_is_help=True)


class _Error(Struct):
    """Why a row was refused: the line where it begins, the header of the column if it is about one, a sentence."""

    line: int
    column: str | None
    text: str


class _Report(Struct, rename="camel", omit_defaults=True):
    """What `--json` prints; errors beyond the first 1,000 are counted. `error`: why it could not begin or go on."""

    created: int
    updated: int
    unchanged: int
    refused: int
    errors: list[_Error]
    errors_left_out: int
    error: str | None = None


class _Outcome:
    """What has come of an import, for people or with `--json` for programs."""

    def __init__(self, *, dry_run: bool, as_json: bool) -> None:
        self._dry_run, self._as_json = dry_run, as_json
        self._errors: list[_Error] = []
        self.tally = Tally()

    def add_error(self, error: RowError, say: Callable[[str], None]) -> None:
        if not self._as_json:
            say(_told_of_error(_worded(error)))
        elif len(self._errors) < _MOST_ERRORS:
            self._errors.append(_worded(error))

    def show(self, error: str | None = None) -> None:
        tally, errors = self.tally, self._errors
        counts = {name: number for name, number in structs.asdict(tally).items() if name in _Report.__struct_fields__}
        report = _Report(**counts, errors=errors, errors_left_out=tally.told - len(errors), error=error)
        if self._dry_run:
            text = (
                f"It would create {tally.created}, update {tally.updated}, leave {tally.unchanged} unchanged and "
                f"refuse {tally.refused}. Nothing was written."
            )
        else:
            text = (
                f"Created {tally.created}, updated {tally.updated}, unchanged {tally.unchanged}, "
                f"refused {tally.refused}."
            )
        show(report, as_json=self._as_json, text=text)

    def show_early(self, how: str, error: str) -> None:
        """It has not come to the end of the file; to programs it is also told that it has not begun."""
        if self.tally.line:
            again = "" if self._dry_run else " Run it again to do the rest."
            complain(f"{how} after line {self.tally.line}.{again}")
        if self.tally.line or self._as_json:
            self.show(error)


@documents_app.command("import")
def import_command(
    *,
    file: Annotated[Path, typer.Argument(help="A CSV file, or - for the standard input.")],
    company: Annotated[int, typer.Option(metavar="ID", help="The company whose documents they are.")],
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADER", help="Which column a field is read from. As often as needed."),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="The type of all documents: invoice ...")
    ] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="Of rows that name none: EUR ...")] = None,
    encoding: Annotated[str, typer.Option(help="cp1250, utf-16 ...")] = "utf-8",
    delimiter: Annotated[str | None, typer.Option(help="Between cells; found out among ; , tab |.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Before decimals: , or . (found out).")] = None,
    date_format: Annotated[str | None, typer.Option(help="Of all days: %d/%m/%Y ...")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge everything, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create and update documents from a CSV file. Repeat it as often as you like.

    The exit code is 1 when rows were refused, 2 when it could not begin or go on, 130 when it was interrupted.
    """
    options = Options(
        columns=column or [], document_type=type_, currency=currency, encoding=encoding, delimiter=delimiter,
        decimal=decimal, date_format=date_format,
    )  # fmt: skip
    outcome = _Outcome(dry_run=dry_run, as_json=as_json)
    with (
        clear_errors(exit_code=_CANNOT, on_error=lambda line: outcome.show_early("Stopped", line)),
        _interruptible(lambda: outcome.show_early("Interrupted", "interrupted")),
        _opened(file) as raw,
        _watched(as_json=as_json) as (advance, say),
    ):
        table, rules = open_table(raw, options)
        size = _size(raw)

        def on_error(error: RowError) -> None:
            outcome.add_error(error, say)

        def on_piece() -> None:
            advance(table.bytes_read, size)

        wish = Import(company, table, rules, rehearsal=dry_run, on_error=on_error, on_piece=on_piece)
        _run(wish, outcome.tally)
    if table.is_cut_off:
        outcome.show(_CUT_OFF)
        complain(f"kronika: {_CUT_OFF}")
        raise typer.Exit(_CANNOT)
    outcome.show()
    if outcome.tally.refused:
        raise typer.Exit(_REFUSED)


def _run(wish: Import, tally: Tally) -> None:
    async def work(database_url: str) -> None:
        async with owner_transaction(database_url) as owner:
            if await find_company(owner, wish.company_id) is None:
                raise Refused(f"there is no company {wish.company_id}")
        database = Database(database_url, connections=1)
        await database.open()
        try:
            await import_documents(database, wish, tally)
        finally:
            await database.close()

    with prepared(load_settings()) as settings:
        asyncio.run(work(settings.database_url))


@contextmanager
def _opened(file: Path) -> Generator[io.FileIO]:
    try:
        raw = io.FileIO(0, closefd=False) if file == _PIPE else io.FileIO(file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name"
        raise Refused(f"cannot read {file}: {reason}") from None
    with raw:
        yield raw


def _size(raw: io.FileIO) -> int | None:
    """In bytes; None of what has no end that is known."""
    status = os.fstat(raw.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


@contextmanager
def _watched(*, as_json: bool) -> Generator[tuple[Callable[[int, int | None], None], Callable[[str], None]]]:
    """What to call with the bytes read, and with a line for people."""
    if as_json:
        yield (lambda _, __: None), complain
        return
    with shown_progress(ends=False) as shown:
        yield (lambda size, of: shown("reading", size, of=of)), shown.say


@contextmanager
def _interruptible(on_interrupt: Callable[[], None]) -> Generator[None]:
    """Ctrl-C, SIGTERM and SIGHUP end it at once; what is not committed is undone."""

    # Not default_int_handler: in its place asyncio puts one that waits for a read of the standard input to end.
    def interrupt(*_: object) -> NoReturn:
        # A second Ctrl-C would only disturb the end; who cannot wait for it has the other signals.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    # What libraries say of a connection that is lost, or left in the middle, is said here in one line.
    logging.disable()
    try:
        yield
    except KeyboardInterrupt:
        on_interrupt()
        raise typer.Exit(_INTERRUPTED) from None


def _worded(error: RowError) -> _Error:
    text = error.reason if isinstance(error.reason, str) else text_of(error.reason, _LANGUAGE)
    return _Error(error.line, error.column, text)


def _told_of_error(error: _Error) -> str:
    where = f"line {error.line}" if error.column is None else f"line {error.line}, {error.column}"
    return f"{where}: {error.text}"
