"""A table of documents, read to its end and written a piece at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from itertools import islice
from typing import TypeVar

from msgspec import Struct

from kronika.changes.models import SYSTEM
from kronika.contacts.models import ContactKind
from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Complaints, Refused, Unavailable
from kronika.feed.actions import Put, put_documents
from kronika.feed.csv.reading import CsvFile
from kronika.feed.csv.rows import Called, Judged, RowError, Rules, errors_of, judge_row, names_in
from kronika.feed.pieces import AT_A_TIME, pieces
from kronika.feed.queries import contacts_called

T = TypeVar("T")

_MOST_NAMES = 10_000
_TRIES = 5


class Tally(Struct):
    """What has come of the rows so far; all that it counts is committed (unless in a rehearsal). `line`: where the last
    of them begins; `told`: how many errors, of which a row can have several.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    told: int = 0
    line: int = 0


class Import(Struct, frozen=True):
    """What to import for whom, and whom to tell: every error, and now and then that it goes on.

    In a rehearsal every piece is undone, so that a document that the table has twice is new twice.
    """

    company_id: int
    file: CsvFile
    rules: Rules
    rehearsal: bool = False
    on_error: Callable[[RowError], None] = lambda _: None
    on_piece: Callable[[], None] = lambda: None


async def import_documents(database: Database, wish: Import, tally: Tally) -> None:
    """Puts the documents of a table, in the order of its rows, some in each transaction, and counts; a row that is
    refused stops no other.

    Raises Refused: the database is out of reach or too busy.
    """
    names = _Names(database, wish.company_id)
    rows = wish.file.rows()
    while chunk := list(islice(rows, AT_A_TIME)):
        contacts = await names.ids(set(names_in(chunk, wish.rules)))
        judged = [judge_row(row, wish.rules, contacts) for row in chunk]
        for piece in pieces(judged, lambda row: row.said):
            puts = iter(await _put(database, wish, piece))
            for row in piece:
                _count(wish, tally, row, next(puts) if row.said is not None else None)
            wish.on_piece()


async def _put(database: Database, wish: Import, piece: Collection[Judged]) -> list[Put | Complaints]:
    said = [row.said for row in piece if row.said is not None]
    if not said:
        return []
    return await _patiently(lambda: put_documents(database, wish.company_id, said, SYSTEM, rehearsal=wish.rehearsal))


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Work that does no harm when it is done again: somebody holds what it needs, or PostgreSQL starts anew."""
    for wait in range(_TRIES):
        try:
            return await work()
        except (Unavailable, LockWaitTimeout):
            await asyncio.sleep(wait)
    raise Refused("the database is out of reach or too busy; what was written stays, run it again")


def _count(wish: Import, tally: Tally, row: Judged, put: Put | Complaints | None) -> None:
    tally.line = row.line
    match put:
        case Put(outcome="created"):
            tally.created += 1
        case Put(outcome="updated"):
            tally.updated += 1
        case Put():
            tally.unchanged += 1
        case _:
            errors = row.errors if put is None else errors_of(wish.rules, row.line, put)
            tally.refused += 1
            tally.told += len(errors)
            for error in errors:
                wish.on_error(error)


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
            asked = await _patiently(lambda: self._ask(new))
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
