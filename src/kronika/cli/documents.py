"""`kronika documents import`."""

from __future__ import annotations

import asyncio
import io
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
_INTERRUPTED = 130
_LANGUAGE = "en"

documents_app = typer.Typer(help="Documents of an invoicing system.", no_args_is_help=True)


class _Error(Struct):
    """Why a row was refused: the line where it begins, the header of the column if it is about one, a sentence."""

    line: int
    column: str | None
    text: str


class _Report(Struct, rename="camel"):
    """What `--json` prints; errors beyond the first 1,000 are counted."""

    created: int
    updated: int
    unchanged: int
    refused: int
    errors: list[_Error]
    errors_left_out: int


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
    """Create and update documents from a CSV file. Repeat it as often as you like."""
    options = Options(
        columns=column or [], document_type=type_, currency=currency, encoding=encoding, delimiter=delimiter,
        decimal=decimal, date_format=date_format,
    )  # fmt: skip
    tally, errors = Tally(), list[_Error]()

    def on_end(how: str) -> None:
        if tally.line:
            complain(f"{how} after line {tally.line}." + ("" if dry_run else " Run it again to do the rest."))
            _show(tally, errors, dry_run=dry_run, as_json=as_json)

    with (
        clear_errors(),
        _interruptible(on_end),
        _opened(file) as raw,
        _watched(as_json=as_json) as (advance, say),
    ):
        table, rules = open_table(raw, options)
        size = _size(raw)

        def on_error(error: RowError) -> None:
            if not as_json:
                say(_told_of_error(_worded(error)))
            elif len(errors) < _MOST_ERRORS:
                errors.append(_worded(error))

        def on_piece() -> None:
            advance(table.bytes_read, size)

        wish = Import(company, table, rules, rehearsal=dry_run, on_error=on_error, on_piece=on_piece)
        _run(wish, tally)
    _show(tally, errors, dry_run=dry_run, as_json=as_json)
    if tally.refused:
        raise typer.Exit(1)


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
def _interruptible(on_end: Callable[[str], None]) -> Generator[None]:
    """Ctrl-C, SIGTERM and SIGHUP end it at once; what is not committed is undone. `on_end` hears of an early end."""

    # Not default_int_handler: in its place asyncio puts one that waits for a read of the standard input to end.
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        on_end("Interrupted")
        raise typer.Exit(_INTERRUPTED) from None
    except Refused:
        on_end("Stopped")
        raise


def _show(tally: Tally, errors: list[_Error], *, dry_run: bool, as_json: bool) -> None:
    counts = {name: number for name, number in structs.asdict(tally).items() if name in _Report.__struct_fields__}
    report = _Report(**counts, errors=errors, errors_left_out=tally.told - len(errors))
    if dry_run:
        text = (
            f"It would create {tally.created}, update {tally.updated}, leave {tally.unchanged} unchanged and refuse "
            f"{tally.refused}. Nothing was written."
        )
    else:
        text = (
            f"Created {tally.created}, updated {tally.updated}, unchanged {tally.unchanged}, refused {tally.refused}."
        )
    show(report, as_json=as_json, text=text)


def _worded(error: RowError) -> _Error:
    text = error.reason if isinstance(error.reason, str) else text_of(error.reason, _LANGUAGE)
    return _Error(error.line, error.column, text)


def _told_of_error(error: _Error) -> str:
    where = f"line {error.line}" if error.column is None else f"line {error.line}, {error.column}"
    return f"{where}: {error.text}"
