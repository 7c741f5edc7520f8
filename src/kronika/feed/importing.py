"""A table of documents, read to its end and written a piece at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from itertools import islice

from msgspec import Struct

from kronika.changes.models import SYSTEM
from kronika.companies.actions import Refused
from kronika.contacts.models import ContactKind
from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Complaints, Unavailable
from kronika.feed.actions import Put, put_documents
from kronika.feed.csv_reading import CsvFile
from kronika.feed.csv_rows import Called, Judged, RowError, Rules, errors_of, judge_row, names_in
from kronika.feed.pieces import AT_A_TIME, pieces
from kronika.feed.queries import contacts_called

_MOST_NAMES = 10_000
_TRIES = 5


class Tally(Struct):
    """What has come of the rows so far; all that it counts is committed (unless in a rehearsal). `line`: where the last
    of them begins.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    line: int = 0


async def import_documents(
    database: Database,
    company_id: int,
    file: CsvFile,
    rules: Rules,
    tally: Tally,
    *,
    rehearsal: bool,
    on_error: Callable[[RowError], None],
    on_piece: Callable[[], None],
) -> None:
    """Puts the documents of a table, in the order of its rows, some in each transaction; a refused one stops no other.

    Counts in `tally`, tells every error, and calls `on_piece` now and then. In a rehearsal every piece is undone, so
    that a document that the table has twice is new twice. Raises Refused: the database is out of reach or too busy.
    """
    names = _Names(database, company_id)
    rows = file.rows()
    while chunk := list(islice(rows, AT_A_TIME)):
        contacts = await names.ids(set(names_in(chunk, rules)))
        judged = [judge_row(row, rules, contacts) for row in chunk]
        for piece in pieces(judged, lambda row: row.said):
            puts = iter(await _put(database, company_id, piece, rehearsal=rehearsal))
            for row in piece:
                errors = row.errors
                if row.said is not None:
                    put = next(puts)
                    errors = errors_of(rules, row.line, put) if isinstance(put, Complaints) else []
                    if isinstance(put, Put):
                        _count(tally, put)
                tally.refused += bool(errors)
                tally.line = row.line
                for error in errors:
                    on_error(error)
            on_piece()


async def _put(
    database: Database, company_id: int, piece: Collection[Judged], *, rehearsal: bool
) -> list[Put | Complaints]:
    said = [row.said for row in piece if row.said is not None]
    for wait in range(_TRIES):
        try:
            return await put_documents(database, company_id, said, SYSTEM, rehearsal=rehearsal) if said else []
        except (Unavailable, LockWaitTimeout):
            # Somebody holds what it needs, or PostgreSQL starts anew: to put it again does no harm.
            await asyncio.sleep(wait)
    raise Refused("the database is out of reach or too busy; what was written stays, run it again")


def _count(tally: Tally, put: Put) -> None:
    match put.outcome:
        case "created":
            tally.created += 1
        case "updated":
            tally.updated += 1
        case "unchanged":
            tally.unchanged += 1


class _Names:
    """The ids of contacts by what they are called. Of those that one has, some are remembered."""

    def __init__(self, database: Database, company_id: int) -> None:
        self._database = database
        self._company_id = company_id
        self._known: dict[Called, list[int]] = {}

    async def ids(self, names: Collection[Called]) -> dict[Called, list[int]]:
        found = {called: self._known[called] for called in names if called in self._known}
        new = [called for called in names if called not in found]
        if new:
            asked = await self._ask(new)
            if len(self._known) > _MOST_NAMES:
                self._known.clear()
            self._known |= {called: ids for called, ids in asked.items() if len(ids) == 1}
            found |= asked
        return found

    async def _ask(self, names: Collection[Called]) -> dict[Called, list[int]]:
        kinds: tuple[ContactKind, ...] = ("client", "supplier")
        found: dict[Called, list[int]] = {}
        async with self._database.transaction(self._company_id) as transaction:
            for kind in kinds:
                called = await contacts_called(transaction, kind, [name for of, name in names if of == kind])
                found |= {(kind, name): ids for name, ids in called.items()}
        return found
